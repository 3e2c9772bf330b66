#pragma once
#include <QFrame>
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
    QSize sizeHint() const override;

signals:
    /// The UKEY in it was chosen.
    void chosen(const QString& serial);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    link::pb::ReaderStatus reader_;
};

/// All readers, in rows, live.
class ReadersView : public QWidget {
    Q_OBJECT
public:
    explicit ReadersView(QWidget* parent);
    void show_readers(const google::protobuf::RepeatedPtrField<link::pb::ReaderStatus>& readers);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

signals:
    void chosen(const QString& serial);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void lay_out();
    int columns(int width) const;
    std::vector<ReaderCard*> cards_;
};

}  // namespace ui::home
