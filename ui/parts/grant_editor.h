#pragma once
#include <QWidget>
#include <map>
#include <string>

#include "model/ukey.h"
#include "wire/pb.h"

class QCheckBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QRadioButton;
class QSpinBox;

namespace ui::parts {

namespace pb = wire::pb;

class GrantTimes;
class Notice;

/// Edits the terms of a grant. It begins with what is usual for a user UKEY. What was not touched comes out exactly as it was put in, times to the millisecond included.
class GrantEditor : public QWidget {
    Q_OBJECT
public:
    explicit GrantEditor(QWidget* parent);

    /// Begins anew with what is usual for this kind, user or key; the station stays.
    void set_kind(model::UkeyKind kind);
    void set_terms(model::UkeyKind kind, const pb::GrantTerms& terms);
    model::UkeyKind kind() const noexcept { return kind_; }
    /// As they stand; hours and weekdays of which none is chosen come out as 0, which is_possible() refuses.
    pb::GrantTerms terms() const;
    /// For the terms of many UKEYs: each has a station of its own, which is named elsewhere.
    void leave_station_out();
    /// Why the terms cannot be, in words; empty: they can.
    QString problem() const;
    bool is_possible() const { return problem().isEmpty(); }

signals:
    void changed();

private:
    void build_operations(QFormLayout& form);
    void build_classes(QFormLayout& form);
    void build_meters(QFormLayout& form);
    void build_caps(QFormLayout& form);
    void fill(const pb::GrantTerms& terms);
    void touched();

    model::UkeyKind kind_;
    pb::GrantTerms given_;
    bool filling_ = false;
    bool without_station_ = false;
    QFormLayout* form_;
    QLineEdit* station_;
    std::map<std::string, QCheckBox*> operations_;
    std::map<std::string, QCheckBox*> classes_;
    QRadioButton* every_meter_;
    QRadioButton* some_meters_;
    QLineEdit* meters_;
    QWidget* caps_;
    QLabel* no_caps_;
    QDoubleSpinBox* per_order_;
    QDoubleSpinBox* per_day_;
    QDoubleSpinBox* per_month_;
    QSpinBox* orders_;
    GrantTimes* times_;
    QLineEdit* users_;
    Notice* says_;
};

}  // namespace ui::parts
