#pragma once
#include "ui/issue/batch_run.h"
#include "ui/parts/wizard.h"

namespace ui::issue {

struct BatchPlan;

/// Issues many UKEYs from a list, stick after stick.
class BatchWizard : public parts::Wizard {
    Q_OBJECT
public:
    BatchWizard(link::Link& link, QWidget* parent);
    /// A UKEY is being issued just now.
    bool is_issuing() const noexcept { return run_.is_issuing(); }

private:
    parts::Deed deed();
    link::Link& link_;
    BatchPlan& plan_;
    BatchModel rows_;
    BatchRun run_;
};

}  // namespace ui::issue
