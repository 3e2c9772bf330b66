#pragma once
#include <QTemporaryDir>
#include <QWidget>
#include <memory>

#include "ui/parts/program.h"
#include "ui/review/kept.h"

class QButtonGroup;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QRadioButton;

namespace ui::parts {
class Notice;
}

namespace ui::review {

class TakeAway;
class Working;

/// Whether the log of today still holds all that it held at an earlier checkpoint. The service proves it, kmp-audit checks the proof with the key that is known here.
class CompareView : public QWidget {
    Q_OBJECT
public:
    CompareView(link::Link& link, QWidget* parent);
    void refresh();
    TakeAway* take_away() const noexcept { return away_; }

private:
    void look();
    void look_at_text();
    void choose_file();
    void compare();
    void ask(const Note& note);
    void check(const std::string& proof, const Note& note);
    void refuse(const base::Error& error);
    void end();

    link::Link& link_;
    parts::Program program_;
    Kept kept_;
    std::unique_ptr<QTemporaryDir> folder_;  ///< of a proof that is being checked
    link::Line::Ticket ticket_ = 0;
    bool running_ = false;
    QByteArray proof_;
    QRadioButton* own_;
    QRadioButton* given_;
    QPlainTextEdit* text_;
    QPushButton* file_;
    QLabel* what_;
    QLineEdit* key_;
    QPushButton* compare_;
    QPushButton* save_;
    Working* working_;
    QLabel* verdict_;
    parts::Notice* notice_;
    TakeAway* away_;
};

}  // namespace ui::review
