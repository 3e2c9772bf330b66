#pragma once
#include <QWidget>

#include "ui/log/fields.h"

class QLabel;
class QMenu;
class QPushButton;
class QScrollArea;
class QToolButton;

namespace ui::parts {
class Figures;
class Notice;
}

namespace ui::log {

/// All of one event, and where to go from it.
class EventView : public QWidget {
    Q_OBJECT
public:
    explicit EventView(QWidget* parent);
    void show_event(const link::pb::AuditEvent& event);
    void show_archived(std::uint64_t index);
    /// The service showed nothing in its place. `archived`: up to where it says that events are in archive segments.
    void show_left_out(std::uint64_t index, std::uint64_t archived);
    void show_error(const base::Error& error);
    /// Nothing is known of it yet.
    void show_waiting(std::uint64_t index);
    /// Nothing of it is kept.
    void forget() { clear(0); }
    std::uint64_t index() const noexcept { return event_.index(); }

signals:
    void closed();
    void ukey_wanted(const QString& serial);
    /// All events that name the same, as a value of a search.
    void same_wanted(const QString& name, const QString& value);
    void event_wanted(std::uint64_t index);
    void proof_wanted(const ui::link::pb::AuditEvent& event);

private:
    void clear(std::uint64_t index);
    void look_at_links();

    link::pb::AuditEvent event_;
    QLabel* title_;
    QLabel* when_;
    QLabel* what_;
    parts::Notice* notice_;
    parts::Figures* fields_;
    QPushButton* proof_;
    QPushButton* ukey_;
    QToolButton* same_;
    QMenu* same_menu_;
    QToolButton* copy_;
    QWidget* actions_;
};

}  // namespace ui::log
