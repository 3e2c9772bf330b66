#pragma once
#include <QFrame>
#include <map>
#include <vector>

#include "ui/link/link.h"

class QBoxLayout;

namespace ui::home {

/// One reader, drawn as a device with what is plugged into it.
class ReaderCard : public QWidget {
    Q_OBJECT
public:
    explicit ReaderCard(QWidget* parent);
    void show_reader(const link::pb::ReaderStatus& reader);
    /// For choosing one: `mark` says what it was chosen for; empty: it was not. Only a blank UKEY can be picked.
    void let_pick(const QString& mark);
    QSize sizeHint() const override;

signals:
    /// The UKEY in it was chosen.
    void chosen(const QString& serial);
    /// The blank UKEY in this reader was.
    void picked(const QString& reader);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void act();
    void describe();
    bool can_act() const;
    link::pb::ReaderStatus reader_;
    bool picking_ = false;
    QString mark_;
};

/// All readers, in rows, live.
class ReadersView : public QWidget {
    Q_OBJECT
public:
    explicit ReadersView(QWidget* parent);
    void show_readers(const google::protobuf::RepeatedPtrField<link::pb::ReaderStatus>& readers);
    /// From now on a blank UKEY is picked here, by mouse or keys. `marks`: by the reader's name, what it was picked for.
    void let_pick(std::map<QString, QString> marks);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

signals:
    void chosen(const QString& serial);
    void picked(const QString& reader);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void lay_out();
    int columns(int width) const;
    void mark();
    std::vector<ReaderCard*> cards_;
    std::vector<QString> names_;
    bool picking_ = false;
    std::map<QString, QString> marks_;
};

}  // namespace ui::home
