#pragma once
#include "ui/first_start/ceremony.h"
#include "ui/parts/wizard.h"

class QComboBox;
class QLineEdit;

namespace ui::first_start {

/// What a ceremony is, and what lies ready before it begins.
class IntroStep : public parts::Step {
    Q_OBJECT
public:
    explicit IntroStep(QWidget* parent);
    QString action() const override { return tr("Begin"); }
};

/// The utility's name, and when its day begins.
class UtilityStep : public parts::Step {
    Q_OBJECT
public:
    UtilityStep(Ceremony& ceremony, QWidget* parent);
    QString missing() const override { return ceremony_.missing_utility(); }
    void imagine() override;
    QWidget* first_field() override;

private:
    Ceremony& ceremony_;
    QLineEdit* name_;
    QComboBox* offset_;
};

}  // namespace ui::first_start
