#include "ui/issue/issue_wizard.h"

#include "ui/issue/batch_wizard.h"
#include "ui/issue/blank_step.h"
#include "ui/issue/kind_step.h"
#include "ui/issue/terms_step.h"
#include "ui/parts/typist_field.h"

namespace ui::issue {
namespace {

/// The last look, with the question who types the PIN.
class LastLook : public parts::DeedStep {
public:
    LastLook(link::Link& link, Issue& issue, std::function<parts::Deed()> make, QWidget* parent)
        : DeedStep(link, IssueWizard::tr("The last look"), {}, std::move(make), parent), issue_(issue), typist_(typist_of(this)) {
        put_first(typist_);
        connect(typist_, &parts::TypistField::chosen, this, [this](bool holder) {
            issue_.holder_types_pin = holder;
            make_again();
        });
        connect(&form(), &parts::DeedForm::changed, this, [this] { typist_->setEnabled(!form().is_running() && !form().is_done()); });
    }
    void enter() override {
        // A master-control UKEY has no first PIN that is changed.
        typist_->setVisible(!issue_.is_master());
        issue_.holder_types_pin = issue_.is_master() || typist_->is_holder();
        DeedStep::enter();
    }

private:
    Issue& issue_;
    parts::TypistField* typist_;
};

}  // namespace

IssueWizard::IssueWizard(link::Link& link, QWidget* parent) : Wizard(tr("Issue a UKEY"), parent), link_(link) {
    auto* kind = new KindStep(link, issue_, this);
    auto* last = new LastLook(link, issue_, [this] { return deed(); }, this);
    add(kind);
    add(new BlankStep(link, issue_, this));
    add(new TermsStep(issue_, this));
    add(last);
    connect(kind, &KindStep::many_wanted, this, [this] {
        auto* batch = new BatchWizard(link_, parentWidget());
        batch->open();
        close();
    });
    connect(&last->form(), &parts::DeedForm::go_to, this, [this](const QString& page, const QString& item) {
        emit go_to(page, item);
        close();
    });
    begin();
}

parts::Deed IssueWizard::deed() const {
    parts::Deed out;
    out.title = tr("Issue a UKEY");
    out.button = tr("Issue");
    out.what = issue_.sentences(link_.has_quorum());
    out.hand = parts::Hand::master;
    const QString label = issue_.holder_types_pin ? tr("New PIN, typed by %1").arg(issue_.holder.trimmed()) : tr("First PIN of the new UKEY");
    out.pins.push_back({"ukey", label, true, {}});
    out.request = [request = issue_.request()](const QString&, const std::string&) { return request; };
    out.outcome = [issue = issue_](const pb::AdminReply& reply) { return issue.outcome(reply); };
    return out;
}

}  // namespace ui::issue
