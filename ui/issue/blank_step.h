#pragma once
#include "ui/issue/issue.h"
#include "ui/parts/wizard.h"

namespace ui::home {
class ReadersView;
}
namespace ui::parts {
class Notice;
}

namespace ui::issue {

/// Which blank UKEY it becomes. The only one that is plugged in is chosen by itself.
class BlankStep : public parts::Step {
    Q_OBJECT
public:
    BlankStep(link::Link& link, Issue& issue, QWidget* parent);
    void enter() override { look(); }
    QString missing() const override;

private:
    void look();
    void choose(const QString& reader);
    link::Link& link_;
    Issue& issue_;
    home::ReadersView* readers_;
    parts::Notice* none_;
};

/// The readers in which a blank UKEY is, by name.
QStringList blank_readers(const pb::StatusReply& status);

}  // namespace ui::issue
