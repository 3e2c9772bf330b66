#pragma once
#include <QTableView>

namespace ui::log {

class LogModel;

/// The table of events: rows of one height, so that a million of them cost nothing.
class LogTable : public QTableView {
    Q_OBJECT
public:
    explicit LogTable(LogModel& model, QWidget* parent);
    bool is_at_top() const;

signals:
    void opened(const QModelIndex& row);  ///< Enter, or a double click
    void scrolled();

protected:
    void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace ui::log
