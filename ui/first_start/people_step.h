#pragma once
#include "ui/first_start/ceremony.h"
#include "ui/parts/wizard.h"

class QLineEdit;
class QRadioButton;
class QSpinBox;

namespace ui::parts {
class Notice;
}

namespace ui::first_start {

/// One person, or several officers of whom some must agree, and who they are.
class PeopleStep : public parts::Step {
    Q_OBJECT
public:
    PeopleStep(Ceremony& ceremony, QWidget* parent);
    QString missing() const override { return ceremony_.missing_people(); }
    QWidget* first_field() override;
    void imagine() override;

private:
    void take();
    void show_names();
    Ceremony& ceremony_;
    QRadioButton* one_;
    QRadioButton* several_;
    QWidget* officers_;
    QSpinBox* count_;
    QSpinBox* needed_;
    QVBoxLayout* names_column_;
    std::vector<QLineEdit*> names_;
    parts::Notice* caution_;
};

}  // namespace ui::first_start
