#include "ui/issue/batch_wizard.h"

#include <QTimer>
#include <algorithm>

#include "ui/issue/blank_step.h"
#include "ui/issue/issue.h"
#include "ui/issue/list_step.h"
#include "ui/issue/run_step.h"
#include "ui/parts/typist_field.h"
#include "ui/parts/words.h"

namespace ui::issue {
namespace {

BatchPlan& kept_plan() {
    static BatchPlan plan;
    return plan;
}

/// The PINs of a batch, and who types those of the new UKEYs.
class PinsStep : public parts::DeedStep {
public:
    PinsStep(link::Link& link, BatchPlan& plan, std::function<parts::Deed()> make, QWidget* parent)
        : DeedStep(link, BatchWizard::tr("The last look"), {}, std::move(make), parent) {
        auto* typist = typist_of(this);
        if (plan.holders_type_pins) typist->choose_holder();
        put_first(typist);
        connect(typist, &parts::TypistField::chosen, this, [this, &plan](bool holder) {
            plan.holders_type_pins = holder;
            make_again();
        });
    }
    // The run is settled when it is over, not when it has begun: it may be stopped and begun again.
    bool is_settled() const override { return false; }
};

}  // namespace

BatchWizard::BatchWizard(link::Link& link, QWidget* parent) : Wizard(tr("Issue many UKEYs"), parent), link_(link), plan_(kept_plan()), rows_(nullptr), run_(link, rows_, nullptr) {
    auto* pins = new PinsStep(link, plan_, [this] { return deed(); }, this);
    auto* run = new RunStep(rows_, run_, this);
    add(new TemplateStep(plan_, this));
    add(new ListStep(plan_, rows_, this));
    add(pins);
    add(run);
    connect(run, &RunStep::again, this, [this, pins] { return_to(pins); });
    connect(&run_, &BatchRun::changed, this, [this] {
        if (run_.state() == BatchRun::State::done) plan_ = BatchPlan();
    });
    begin();
}

parts::Deed BatchWizard::deed() {
    parts::Deed out;
    const bool officers = link_.has_quorum();
    out.title = tr("Issue many UKEYs");
    out.button = tr("Begin");
    const std::size_t left = rows_.rows().size() - rows_.done();
    out.what << tr("%1 to issue from the list: %2").arg(parts::number(left), parts::kind_word(plan_.kind));
    out.what << tr("Each, where its row says nothing else: %1").arg(grant_sentences(plan_.terms).join(tr("; ")));
    if (officers) {
        out.what << tr("Each becomes a request of its own. The PIN is typed when it is run.");
        const bool one_reader = std::ranges::any_of(rows_.rows(), [](const BatchRow& row) { return row.state != BatchRow::State::done && row.reader.isEmpty(); });
        const QStringList blanks = blank_readers(link_.status());
        if (one_reader && blanks.size() == 1) out.what << tr("All of them name reader %1, where the rows name none. Before each request is run, put the next blank UKEY into this reader; when it is done, pull it and label it.").arg(blanks.front());
        else if (one_reader) out.what << tr("Rows that name no reader take the only one with a blank UKEY: plug in just one. Before each request is run, put the next blank UKEY into this reader; when it is done, pull it and label it.");
    } else {
        out.what << tr("One after the other: plug in a blank UKEY, wait until it is issued, pull it, label it.");
        out.what << tr("The PIN of the master-control UKEY is kept only until the list is done or stopped, and while that UKEY stays plugged in.");
        if (!plan_.holders_type_pins) out.what << tr("All get the same first PIN.");
    }
    // Requests are made one by one in the next step.
    out.hand = parts::Hand::master;
    if (!officers && !plan_.holders_type_pins) out.pins.push_back({"ukey", tr("First PIN of all new UKEYs"), true, {}});
    out.send = [this](QObject* owner, link::Pins pins, link::Line::Done done) {
        base::Secret master;
        std::optional<base::Secret> first;
        for (link::Pin& pin : pins) {
            if (pin.role == "master") master = std::move(pin.secret);
            if (pin.role == "ukey") first = std::move(pin.secret);
        }
        run_.begin(plan_.kind, plan_.holders_type_pins, std::move(master), std::move(first));
        QTimer::singleShot(0, owner, [done = std::move(done)] { done(link::pb::AdminReply()); });
        return link::Line::Ticket{};
    };
    out.outcome = [](const link::pb::AdminReply&) { return BatchWizard::tr("It has begun."); };
    return out;
}

}  // namespace ui::issue
