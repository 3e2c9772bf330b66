#pragma once
#include <QStringList>

#include "ui/first_start/ceremony.h"
#include "ui/parts/wizard.h"

class QComboBox;
class QFormLayout;
class QLabel;

namespace ui::home {
class ReadersView;
}

namespace ui::first_start {

/// Which blank UKEY becomes what. One that is plugged in while the step is shown gets the next role by itself.
class PlacesStep : public parts::Step {
    Q_OBJECT
public:
    PlacesStep(link::Link& link, Ceremony& ceremony, QWidget* parent);
    void enter() override;
    QString missing() const override;
    void imagine() override;
    QWidget* first_field() override;

private:
    void look();
    void give(const QString& reader);
    void show_roles();
    QStringList blanks() const;
    link::Link& link_;
    Ceremony& ceremony_;
    home::ReadersView* readers_;
    QLabel* none_;
    QFormLayout* form_;
    std::vector<QComboBox*> choices_;
    QStringList roles_;  ///< of choices_
    QStringList seen_;   ///< blank ones, as of the last look
};

}  // namespace ui::first_start
