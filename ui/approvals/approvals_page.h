#pragma once
#include <QElapsedTimer>
#include <map>

#include "ui/approvals/requests_model.h"
#include "ui/window/page.h"

class QCheckBox;
class QLabel;
class QListView;
class QStackedWidget;

namespace ui::parts {
class Notice;
struct Deed;
}

namespace ui::approvals {

class OfficersView;
class RequestView;

/// What officers decide together: what was asked for, who agrees, and running it.
class ApprovalsPage : public window::Page {
    Q_OBJECT
public:
    ApprovalsPage(link::Link& link, QWidget* parent);
    void refresh() override;
    void show_item(const QString& number) override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    /// When the shares of a request were last seen to become more.
    struct Seen {
        std::uint32_t shares = 0;
        QElapsedTimer since;  ///< not valid: they were there before this window looked
    };
    void on_status();
    void ask_list();
    void ask_quorum();
    void take(const link::pb::RequestListReply& list);
    void choose();
    void ask_shown();
    void show_chosen(const link::pb::Request& request);
    std::int64_t shares_left(const link::pb::Request& request) const;
    void judge(bool agree);
    void run();
    void change_officers();
    void open(parts::Deed deed, bool closes);

    QStackedWidget* layers_;
    RequestsModel* model_;
    QListView* list_;
    QCheckBox* all_;
    QLabel* empty_;
    RequestView* view_;
    OfficersView* officers_;
    parts::Notice* trouble_;
    std::uint64_t wanted_ = 0;  ///< the request that is shown, or is to be
    std::map<std::uint64_t, Seen> seen_;
    link::Line::Ticket asked_list_ = 0;
    link::Line::Ticket asked_shown_ = 0;
    std::uint64_t log_size_ = 0;
    QElapsedTimer listed_;
    QString scene_;
};

}  // namespace ui::approvals
