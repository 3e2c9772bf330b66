#pragma once
#include <QWidget>

#include "ui/link/link.h"

class QLabel;
class QTableWidget;

namespace ui::review {

/// Which part of the log has left the live database, and in which files it is.
class ArchiveView : public QWidget {
    Q_OBJECT
public:
    ArchiveView(link::Link& link, QWidget* parent);
    void refresh();

private:
    void add(const link::pb::ArchiveSegment& segment);
    link::Link& link_;
    QLabel* words_;
    QTableWidget* table_;
};

}  // namespace ui::review
