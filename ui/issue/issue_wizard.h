#pragma once
#include "ui/issue/issue.h"
#include "ui/parts/wizard.h"

namespace ui::issue {

/// Issues one UKEY: what for, which stick, whose, what it may do, and the PINs.
class IssueWizard : public parts::Wizard {
    Q_OBJECT
public:
    IssueWizard(link::Link& link, QWidget* parent);

private:
    parts::Deed deed() const;
    link::Link& link_;
    Issue issue_;
};

}  // namespace ui::issue
