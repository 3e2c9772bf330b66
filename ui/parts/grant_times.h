#pragma once
#include <QObject>
#include <vector>

#include "wire/pb.h"

class QCheckBox;
class QDateTimeEdit;
class QFormLayout;
class QToolButton;
class QWidget;

namespace ui::parts {

namespace pb = wire::pb;

/// The rows of a GrantEditor that say when a grant holds: hours, weekdays, from when and until when.
class GrantTimes : public QObject {
    Q_OBJECT
public:
    /// Adds its rows to `form`, with widgets that belong to `parent`.
    GrantTimes(QFormLayout& form, QWidget* parent);
    void show(const pb::GrantTerms& terms);
    /// As they stand, into `out`. What was not touched is as it was shown, to the millisecond.
    void put_into(pb::GrantTerms& out) const;
    /// Why they cannot be; empty: they can.
    QString problem() const;

signals:
    void changed();

private:
    std::vector<QToolButton*> hours_;
    std::vector<QToolButton*> days_;
    QCheckBox* later_;
    QDateTimeEdit* from_;
    QDateTimeEdit* until_;
    std::int64_t from_given_ = 0;
    std::int64_t until_given_ = 0;
};

}  // namespace ui::parts
