#pragma once
#include <QWidget>
#include <functional>

#include "ui/link/kept.h"
#include "ui/link/link.h"
#include "ui/parts/program.h"
#include "ui/parts/verdict.h"

class QLabel;
class QPushButton;
class QRadioButton;

namespace ui::parts {
class KeysField;
class Notice;
class Working;
}

namespace ui::review {

class NoteField;
class TakeAway;
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
    void compare();
    void ask(const parts::Note& note);
    void check(const QByteArray& proof, const parts::Note& note);
    /// What came of it; said again in another language. `note`: what was compared; null: nothing was.
    void end(std::function<parts::Verdict()> verdict, const parts::Note* note = nullptr, const QByteArray& proof = {});
    /// The verdict is about what is no longer there.
    void forget();
    void show_verdict();
    void cancel();
    /// What is to be compared, as it stands there.
    std::string given() const;

    link::Link& link_;
    parts::Program program_;
    link::Kept kept_;
    link::Line::Ticket ticket_ = 0;
    bool running_ = false;
    int order_ = 0;  ///< number of the newest comparison
    QRadioButton* own_;
    QRadioButton* given_;
    NoteField* note_;
    parts::KeysField* key_;
    QPushButton* compare_;
    QPushButton* save_;
    parts::Working* working_;
    QLabel* verdict_;
    parts::Notice* notice_;
    parts::Notice* saved_;
    TakeAway* away_;
};

}  // namespace ui::review
