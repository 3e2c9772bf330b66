#pragma once
#include <map>

#include "ui/issue/issue.h"
#include "ui/parts/wizard.h"

class QRadioButton;

namespace ui::parts {
class Notice;
}

namespace ui::issue {

/// What the UKEY is for.
class KindStep : public parts::Step {
    Q_OBJECT
public:
    KindStep(link::Link& link, Issue& issue, QWidget* parent);
    QString missing() const override;
    QWidget* first_field() override;

signals:
    /// Rather a list of them, one stick after the other.
    void many_wanted();

private:
    void look();
    link::Link& link_;
    Issue& issue_;
    std::map<QString, QRadioButton*> kinds_;
    std::map<QString, QString> words_;  ///< what each is for
    parts::Notice* impossible_;
};

/// Why no UKEY can be issued now; empty: it can.
QString why_not(const link::Link& link);

}  // namespace ui::issue
