#pragma once
#include <QObject>
#include <optional>

#include "base/secret.h"
#include "ui/issue/batch_model.h"
#include "ui/link/link.h"

namespace ui::issue {

/// Issues the rows of a batch, stick after stick. The master's PIN is kept only while it runs and the master-control UKEY stays plugged in; it is wiped when either ends, and when this goes.
class BatchRun : public QObject {
    Q_OBJECT
public:
    enum class State : std::uint8_t {
        idle,
        looking,      ///< at what is issued already
        wants_blank,  ///< for the row at()
        wants_pin,    ///< that its holder types
        issuing,
        wants_pull,   ///< of the one that was issued last
        stopped,      ///< why() says why
        done,
    };
    BatchRun(link::Link& link, BatchModel& rows, QObject* parent);

    /// Begins, or goes on with the first row that is not done. `kind`: user or key; `master` is empty under dual control, where each row becomes a request. `by_holders`: each holder
    /// types theirs, and it stays. `first`: the first PIN of all new UKEYs, which each holder must change; nullopt: by_holders, or under dual control.
    void begin(std::string kind, bool by_holders, base::Secret master, std::optional<base::Secret> first);
    /// The PIN of the row at(). Only in state wants_pin.
    void give_pin(base::Secret pin);
    void stop(const QString& why);

    State state() const noexcept { return state_; }
    bool is_running() const noexcept { return state_ != State::idle && state_ != State::stopped && state_ != State::done; }
    /// The service has been asked for a UKEY and has not answered, though this may have been stopped since.
    bool is_issuing() const noexcept { return unanswered_; }
    std::size_t at() const noexcept { return at_; }
    /// One thing to do now, in a sentence.
    QString task() const;
    const std::optional<base::Error>& trouble() const noexcept { return trouble_; }

signals:
    void changed();

private:
    void set(State state);
    void look();
    void ask_list();
    void pass_over_issued();
    void next();
    void issue(std::optional<base::Secret> pin);
    void take(base::Result<link::pb::AdminReply> reply);
    QString blank_for_row() const;
    bool master_is_there() const;

    link::Link& link_;
    BatchModel& rows_;
    std::string kind_;
    State state_ = State::idle;
    std::size_t at_ = 0;
    QString reader_;          ///< of the stick that is being issued
    std::string last_serial_;
    QString why_;
    std::optional<base::Error> trouble_;
    base::Secret master_;
    std::optional<base::Secret> first_;
    bool by_request_ = false;
    bool by_holders_ = false;
    bool unanswered_ = false;
    std::uint64_t round_ = 0;            ///< answers of an earlier one are not heard
};

}  // namespace ui::issue
