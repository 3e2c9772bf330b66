#pragma once
#include <QWidget>

#include "ui/keys/lacking.h"
#include "ui/keys/versions_model.h"

class QLabel;
class QTreeWidget;

namespace ui::parts {
class Bar;
}

namespace ui::keys {

/// How far the newest version has come: into UKEYs, then into meters, and who still waits for it.
class CampaignView : public QWidget {
    Q_OBJECT
public:
    explicit CampaignView(QWidget* parent);
    void show_progress(const VersionsModel& versions, const std::vector<pb::Ukey>& ukeys);

signals:
    void chosen(const QString& ukey);

private:
    parts::Bar* ukeys_;
    parts::Bar* meters_;
    QLabel* next_;
    QTreeWidget* list_;
};

}  // namespace ui::keys
