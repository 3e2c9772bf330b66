#pragma once
#include <QString>
#include <QWidget>

class QLabel;
class QRadioButton;

namespace ui::parts {

/// Whether a holder types the secret that is theirs, or somebody else in their place. Nobody says by leaving it alone that the holder did.
class TypistField : public QWidget {
    Q_OBJECT
public:
    struct Words {
        QString other, holder;                  ///< who types it
        QString other_follows, holder_follows;  ///< what comes of it
    };
    TypistField(Words words, QWidget* parent);
    void choose_holder();
    bool is_holder() const;

signals:
    void chosen(bool holder);

private:
    void say();
    Words words_;
    QRadioButton* other_;
    QRadioButton* holder_;
    QLabel* follows_;
};

}  // namespace ui::parts
