#pragma once
#include <QWidget>

#include "ui/link/link.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;

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
    void show_note(const link::pb::AuditCheckpointReply& reply);
    void save(const QString& name, const std::string& content, const QString& filter);

    link::Link& link_;
    link::pb::AuditCheckpointReply now_;
    QPushButton* sign_;
    parts::Notice* notice_;
    QWidget* shown_;
    QPlainTextEdit* text_;
    QLabel* key_;
    QrView* code_;
};

}  // namespace ui::review
