#pragma once
#include "ui/issue/issue.h"
#include "ui/parts/wizard.h"

class QDateEdit;
class QLineEdit;

namespace ui::parts {
class GrantEditor;
}

namespace ui::issue {

/// Who holds it, and what it may do.
class TermsStep : public parts::Step {
    Q_OBJECT
public:
    TermsStep(Issue& issue, QWidget* parent);
    void enter() override;
    QString missing() const override;
    QWidget* first_field() override;
    void imagine() override;

private:
    void take();
    Issue& issue_;
    QLineEdit* holder_;
    QWidget* until_row_;
    QDateEdit* until_;
    QWidget* reason_row_;
    QLineEdit* reason_;
    parts::GrantEditor* grant_;
};

}  // namespace ui::issue
