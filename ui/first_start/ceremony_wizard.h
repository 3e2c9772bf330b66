#pragma once
#include "ui/first_start/ceremony.h"
#include "ui/parts/wizard.h"

namespace ui::first_start {

/// The ceremony, from blank UKEYs to signed minutes.
class CeremonyWizard : public parts::Wizard {
    Q_OBJECT
public:
    CeremonyWizard(link::Link& link, QWidget* parent);

private:
    parts::Deed deed() const;
    Ceremony ceremony_;
};

}  // namespace ui::first_start
