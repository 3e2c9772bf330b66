#pragma once
#include <QWidget>

#include "ui/link/link.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace ui::link {
struct Kept;
}
namespace ui::parts {
class Notice;
}

namespace ui::review {

class QrView;

/// The newest checkpoint, to be kept outside: as a text, a file, and a QR code.
class TakeAway : public QWidget {
    Q_OBJECT
public:
    TakeAway(link::Link& link, QWidget* parent);
    void sign();

private:
    /// What was signed last, beside the link: it outlives this page.
    struct Signed {
        link::pb::AuditCheckpointReply reply;
        std::string platform;  ///< that was open then
    };
    /// Held against the key that is known here, and shown.
    void check(const link::pb::AuditCheckpointReply& reply);
    void show_note(const link::pb::AuditCheckpointReply& reply, const link::Kept& kept);
    /// It is of another platform than is open now.
    void forget();
    void save(const QString& name, const std::string& content, const QString& filter);

    link::Link& link_;
    link::pb::AuditCheckpointReply now_;
    bool fresh_ = false;    ///< signed, and not shown yet
    QPushButton* sign_;
    parts::Notice* notice_;
    parts::Notice* saved_;
    QWidget* shown_;
    QPlainTextEdit* text_;
    QLabel* key_;
    QrView* code_;
};

}  // namespace ui::review
