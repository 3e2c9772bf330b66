#pragma once
#include <QWidget>
#include <optional>

#include "ui/link/link.h"

class QLabel;
class QPushButton;

namespace ui::parts {
class Card;
class Dots;
class Figures;
class Notice;
class Reasons;
}

namespace ui::approvals {

/// One request: how it stands, what will happen, who agreed, and what can be done with it.
class RequestView : public QWidget {
    Q_OBJECT
public:
    explicit RequestView(QWidget* parent);
    /// `shares_left_ms`: for how long its shares are kept, 0: unknown. `unbelieved`: why nothing may be given to anybody just now (parts::why_unbelieved).
    void show_request(const link::pb::Request& request, std::int64_t shares_left_ms, const QString& unbelieved);
    void show_nothing();
    /// The one shown, with its statement. Precondition: has_request().
    const link::pb::Request& request() const { return *request_; }
    bool has_request() const noexcept { return request_.has_value(); }

signals:
    void judge(bool agree);
    void run();

private:
    void look_at_buttons(const QString& unbelieved);

    std::optional<link::pb::Request> request_;
    QLabel* heading_;
    QLabel* made_;
    parts::Dots* dots_;
    parts::Notice* standing_;
    parts::Card* terms_card_;
    parts::Figures* terms_;
    parts::Card* votes_card_;
    parts::Figures* votes_;
    QPushButton* approve_;
    QPushButton* reject_;
    QPushButton* run_;
    parts::Reasons* reasons_;
};

}  // namespace ui::approvals
