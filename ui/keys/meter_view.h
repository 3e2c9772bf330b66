#pragma once
#include <optional>

#include "ui/link/link.h"
#include "ui/parts/figures.h"

class QLineEdit;
class QPushButton;

namespace ui::parts {
class Notice;
}

namespace ui::keys {

/// What the platform knows of one meter, by its number.
class MeterView : public parts::Card {
    Q_OBJECT
public:
    MeterView(link::Link& link, QWidget* parent);
    void look_up(const QString& number);
    /// Asks again for the one that is shown.
    void refresh();
    bool has_meter() const noexcept { return meter_.has_value(); }

signals:
    void go_to(const QString& page, const QString& item);

private:
    void ask(std::uint64_t number);
    void forget();
    void show_meter(const link::pb::Meter& meter);
    void look();
    void allow();

    link::Link& link_;
    std::optional<link::pb::Meter> meter_;
    QLineEdit* number_;
    QPushButton* find_;
    parts::Notice* trouble_;
    parts::Figures* figures_;
    QPushButton* allow_;
};

}  // namespace ui::keys
