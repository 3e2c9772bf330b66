#include "ui/first_start/ceremony_wizard.h"

#include "ui/first_start/people_step.h"
#include "ui/first_start/places_step.h"
#include "ui/first_start/result_step.h"
#include "ui/first_start/utility_step.h"

namespace ui::first_start {

CeremonyWizard::CeremonyWizard(link::Link& link, QWidget* parent) : Wizard(tr("Ceremony"), parent) {
    auto* last_look = new parts::DeedStep(link, tr("The last look"), tr("Each PIN is typed by whoever will use it, unseen by the others. Ten wrong ones block a UKEY."), [this] { return deed(); }, this);
    add(new IntroStep(this));
    add(new UtilityStep(ceremony_, this));
    add(new PeopleStep(ceremony_, this));
    add(new PlacesStep(link, ceremony_, this));
    add(last_look);
    add(new ResultStep([last_look] { return last_look->form().is_done() ? last_look->form().reply().init() : link::pb::InitReply(); }, this));
    begin();
}

parts::Deed CeremonyWizard::deed() const {
    parts::Deed out;
    out.title = tr("The last look");
    out.button = tr("Hold the ceremony");
    out.what = ceremony_.sentences();
    out.warning = tr("A ceremony is held once. Everything in these UKEYs is made anew.");
    for (const QString& role : ceremony_.roles()) {
        // Nobody types the PIN that officers share.
        if (ceremony_.by_officers() && role == QStringLiteral("master")) continue;
        out.pins.push_back({role.toStdString(), tr("New PIN, %1").arg(ceremony_.role_word(role)), true, {}});
    }
    out.request = [request = ceremony_.request()](const QString&, const std::string&) { return request; };
    return out;
}

}  // namespace ui::first_start
