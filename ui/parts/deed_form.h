#pragma once
#include <QWidget>
#include <functional>
#include <vector>

#include "ui/link/link.h"
#include "ui/parts/pin_field.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QFormLayout;
class QVBoxLayout;

namespace ui::parts {

class Notice;

/// Whose hand something takes.
enum class Hand : std::uint8_t {
    none,
    master,   ///< of the master-control UKEY; under dual control a request is made, and no PIN is taken yet
    officer,  ///< one person's: the master-control UKEY's, under dual control one officer's
    auditor,
    platform, ///< the platform UKEY's
};

/// A PIN beside that of the hand.
struct FurtherPin {
    std::string role;
    QString label;
    bool fresh = false;    ///< it is set, so it is typed twice
    std::string ukey;      ///< serial of the UKEY that it opens, which must be plugged in; empty: it is not looked for
};

/// Something that is about to be done, in words, and how it is asked for.
struct Deed {
    QString title;
    QString button;                  ///< "Revoke"
    QStringList what;                ///< what will happen, one sentence each
    QString warning;                 ///< what cannot be taken back; empty: nothing
    bool danger = false;
    bool wants_reason = false;
    Hand hand = Hand::none;
    std::vector<FurtherPin> pins;
    QWidget* choices = nullptr;      ///< what is chosen before it is done; it becomes the form's
    std::function<QString()> lacks;  ///< what is still to be chosen, one sentence; empty: nothing. After a change of it: DeedForm::look_again
    std::vector<std::string> officers_last;  ///< officer UKEYs that have done their part: they stand last where one is chosen
    std::function<bool()> takes_pins;        ///< whether the further PINs are taken, as things are chosen; empty: they are
    bool pins_with_request = false;  ///< the further PINs are taken although a request is made (under dual control they are otherwise given when it is run)
    /// `officer`: serial of the officer UKEY that acts; empty where there is none.
    std::function<link::pb::AdminRequest(const QString& reason, const std::string& officer)> request;
    /// How it is sent; empty: as `request`, on the officer's line.
    std::function<link::Line::Ticket(QObject* owner, link::Pins pins, link::Line::Done done)> send;
    /// How whoever stops waiting ends what `send` began; empty: as `request`.
    std::function<void(link::Line::Ticket)> cancel;
    /// One sentence that says what was done.
    std::function<QString(const link::pb::AdminReply& reply)> outcome;
};

/// What will happen, its reason, and the PINs: a form that asks the service and shows what came of it. It is ready only while every UKEY that it takes is plugged in; when one is pulled, its PINs are wiped.
class DeedForm : public QWidget {
    Q_OBJECT
public:
    DeedForm(link::Link& link, QWidget* parent);
    void set_deed(Deed deed);

    /// Whether it can be asked for now.
    bool is_ready() const;
    bool is_running() const noexcept { return running_; }
    bool is_done() const noexcept { return done_; }
    /// What the service answered. Precondition: is_done().
    const link::pb::AdminReply& reply() const noexcept { return reply_; }
    void run();
    /// Something was chosen.
    void look_again() { look(); }
    /// Why it cannot be asked for now, in a sentence; empty: it can, or it runs or is done.
    QString why_not() const;
    /// What stands on the button: the deed's, or that officers are asked where it only becomes a request.
    QString button() const;
    /// Serial of the officer or auditor UKEY that was chosen; empty where there is none to choose, or none was chosen yet.
    std::string hand() const;
    /// Nobody waits any more for what is running.
    void stop_waiting();

signals:
    void changed();   ///< is_ready(), is_running() or is_done() is another
    void finished();  ///< is_done() became true
    void go_to(const QString& page, const QString& item);

private:
    struct Row {
        std::string role;
        std::string ukey;
        bool fresh;
        PinField* field;
        PinField* again;
        QString label;
        bool further;  ///< beside that of the hand
    };
    bool is_taken(const Row& row) const;
    void add_pin(const std::string& role, const QString& label, bool fresh, const std::string& ukey);
    void add_choice(const char* kind, const QString& label);
    void clear_hand();
    void build_pins();
    void look();
    void look_at_hands();
    void compare();
    QString missing() const;
    void take(base::Result<link::pb::AdminReply> reply);
    bool makes_request() const;

    link::Link& link_;
    Deed deed_;
    QLabel* what_;
    Notice* warning_;
    Notice* missing_;
    QVBoxLayout* choices_;
    QWidget* fields_;
    QFormLayout* form_;
    QLineEdit* reason_ = nullptr;
    QComboBox* hand_ = nullptr;  ///< which officer's, or auditor's, UKEY; null: there is but one
    std::vector<Row> pins_;
    QLabel* rule_;    ///< of a new PIN
    QLabel* differ_;  ///< where it was typed in two ways
    QLabel* step_;
    QProgressBar* progress_;
    Notice* outcome_;
    bool running_ = false;
    bool done_ = false;
    bool quorum_ = false;  ///< as the pins were built
    link::Line::Ticket ticket_ = 0;
    link::pb::AdminReply reply_;
};

}  // namespace ui::parts
