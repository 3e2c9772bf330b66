#pragma once
#include <QElapsedTimer>

#include "ui/keys/versions_model.h"
#include "ui/window/page.h"

class QPushButton;
class QTableView;

namespace ui::parts {
class DeedDialog;
class Notice;
}

namespace ui::keys {

class BackupView;
class CampaignView;
class MeterView;
class RevocationView;

/// The meters' keys: their versions, how far the newest has come, one meter, the backup, and the revocation list.
class KeysPage : public window::Page {
    Q_OBJECT
public:
    KeysPage(link::Link& link, QWidget* parent);
    void refresh() override;
    /// A meter by its number; "backup" and "revocations" are what they say.
    void show_item(const QString& item) override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    void on_status();
    void ask_keys();
    void look();
    const pb::KeyVersion* chosen() const;
    void rotate();
    void destroy(const pb::KeyVersion* version);
    void open(parts::DeedDialog* dialog);

    VersionsModel* model_;
    QTableView* table_;
    QPushButton* rotate_;
    QPushButton* destroy_;
    parts::Notice* trouble_;
    CampaignView* campaign_;
    MeterView* meter_;
    BackupView* backup_;
    RevocationView* revocations_;
    link::Line::Ticket asked_keys_ = 0;
    std::uint64_t log_size_ = 0;
    QElapsedTimer listed_;
};

}  // namespace ui::keys
