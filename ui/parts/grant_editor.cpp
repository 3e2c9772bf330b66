#include "ui/parts/grant_editor.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "model/grant_defaults.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/grant_times.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

using O = model::Operation;

constexpr int kLargestRate = 1'000'000;
constexpr std::array kSales{O::open_account, O::recharge, O::card, O::refund, O::initialise_wallet};
constexpr std::array kMeterWork{O::authenticate, O::check_status, O::relay, O::write_parameter, O::download_keys, O::recover_keys};
constexpr std::array kData{O::sign, O::verify, O::encrypt, O::decrypt, O::mac, O::random, O::certify};

QDoubleSpinBox* money(QWidget* parent, const QString& name, const QString& words, std::int64_t most) {
    auto* box = new QDoubleSpinBox(parent);
    box->setObjectName(name);
    box->setAccessibleName(words);
    box->setLocale(QLocale(QLocale::English, QLocale::UnitedStates));  // as parts::yuan writes it
    box->setGroupSeparatorShown(true);
    box->setDecimals(2);
    box->setRange(0, static_cast<double>(most) / 100);
    box->setSingleStep(100);
    box->setAlignment(Qt::AlignRight);
    box->setMinimumWidth(box->fontMetrics().horizontalAdvance(QStringLiteral("1,000,000,000.00")) + 40);
    return box;
}

std::int64_t fen(const QDoubleSpinBox& box) { return std::llround(box.value() * 100); }

/// nullopt: something else than user ids stands there.
std::optional<std::vector<std::uint32_t>> users_in(const QString& typed) {
    std::vector<std::uint32_t> out;
    for (const QString& one : QString(typed).replace(QLatin1Char(','), QLatin1Char(' ')).split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        bool fine = false;
        out.push_back(one.toUInt(&fine));
        if (!fine) return std::nullopt;
    }
    return out;
}

}  // namespace

GrantEditor::GrantEditor(QWidget* parent) : QWidget(parent), kind_(model::UkeyKind::user), form_(new QFormLayout(this)), station_(new QLineEdit(this)) {
    form_->setContentsMargins(0, 0, 0, 0);
    form_->setVerticalSpacing(10);
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    station_->setObjectName(QStringLiteral("station"));
    station_->setMaxLength(64);
    station_->setPlaceholderText(tr("As station-1: letters, digits, “-”, “_” and “.”"));
    form_->addRow(tr("S&tation"), station_);
    build_operations(*form_);
    build_classes(*form_);
    build_meters(*form_);
    build_caps(*form_);
    times_ = new GrantTimes(*form_, this);
    connect(times_, &GrantTimes::changed, this, &GrantEditor::touched);
    users_ = new QLineEdit(this);
    users_->setObjectName(QStringLiteral("users"));
    users_->setPlaceholderText(tr("Nobody; or user ids of this machine, as 1001, 1002"));
    form_->addRow(tr("Without its &PIN"), users_);
    says_ = new Notice(this);
    says_->setObjectName(QStringLiteral("grant_says"));
    form_->addRow(says_);
    connect(station_, &QLineEdit::textChanged, this, &GrantEditor::touched);
    connect(users_, &QLineEdit::textChanged, this, &GrantEditor::touched);
    set_kind(kind_);
}

void GrantEditor::build_operations(QFormLayout& form) {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(24);
    const auto column = [&](const QString& heading, auto operations) {
        auto* part = new QVBoxLayout;
        part->setSpacing(3);
        auto* label = new QLabel(heading, box);
        set_tone(*label, Tone::muted);
        part->addWidget(label);
        for (const model::Operation op : operations) {
            const std::string name(model::name(op));
            auto* check = new QCheckBox(operation_word(name), box);
            check->setObjectName(QStringLiteral("may_") + text(name));
            connect(check, &QCheckBox::toggled, this, &GrantEditor::touched);
            part->addWidget(check);
            operations_.emplace(name, check);
        }
        part->addStretch(1);
        row->addLayout(part);
    };
    column(tr("Sales"), kSales);
    column(tr("At meters"), kMeterWork);
    column(tr("Data"), kData);
    row->addStretch(1);
    form.addRow(tr("It may"), box);
}

void GrantEditor::build_classes(QFormLayout& form) {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(14);
    for (const model::KeyClass c : model::kAllClasses) {
        const std::string name(model::name(c));
        auto* check = new QCheckBox(class_word(name), box);
        check->setObjectName(QStringLiteral("class_") + text(name));
        connect(check, &QCheckBox::toggled, this, &GrantEditor::touched);
        row->addWidget(check);
        classes_.emplace(name, check);
    }
    row->addStretch(1);
    form.addRow(tr("With keys of"), box);
    auto* reasons = new Reasons({}, this);
    for (const auto& [name, check] : classes_) reasons->watch(*check);
    form.addRow(QString(), reasons);
}

void GrantEditor::build_meters(QFormLayout& form) {
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    every_meter_ = new QRadioButton(tr("E&very meter"), box);
    every_meter_->setObjectName(QStringLiteral("every_meter"));
    some_meters_ = new QRadioButton(tr("&Only"), box);
    some_meters_->setObjectName(QStringLiteral("some_meters"));
    meters_ = new QLineEdit(box);
    meters_->setObjectName(QStringLiteral("meters"));
    meters_->setAccessibleName(tr("Meter numbers and ranges"));
    meters_->setPlaceholderText(tr("000000100000-000000199999, 000000300000"));
    auto* group = new QButtonGroup(box);
    group->addButton(every_meter_);
    group->addButton(some_meters_);
    row->addWidget(every_meter_);
    row->addWidget(some_meters_);
    row->addWidget(meters_, 1);
    form.addRow(tr("Meters"), box);
    connect(some_meters_, &QRadioButton::toggled, this, [this](bool on) {
        meters_->setEnabled(on);
        if (on && !filling_) meters_->setFocus();
        touched();
    });
    connect(meters_, &QLineEdit::textChanged, this, &GrantEditor::touched);
}

void GrantEditor::build_caps(QFormLayout& form) {
    caps_ = new QWidget(this);
    auto* grid = new QGridLayout(caps_);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    const auto add = [&](int at, const QString& label, QWidget* field) {
        auto* above = new QLabel(label, caps_);
        set_tone(*above, Tone::muted);
        above->setBuddy(field);
        grid->addWidget(above, 0, at);
        grid->addWidget(field, 1, at);
    };
    per_order_ = money(caps_, QStringLiteral("per_order"), tr("Cap of one order, yuan"), model::kMaxOrderAmount.value());
    per_day_ = money(caps_, QStringLiteral("per_day"), tr("Cap of a day, yuan"), model::kLargestCap.value());
    per_month_ = money(caps_, QStringLiteral("per_month"), tr("Cap of a month, yuan"), model::kLargestCap.value());
    orders_ = new QSpinBox(caps_);
    orders_->setObjectName(QStringLiteral("orders_per_minute"));
    orders_->setAccessibleName(tr("Orders a minute"));
    orders_->setLocale(per_order_->locale());
    orders_->setGroupSeparatorShown(true);
    orders_->setRange(0, kLargestRate);
    orders_->setAlignment(Qt::AlignRight);
    add(0, tr("yuan an order"), per_order_);
    add(1, tr("yuan a day"), per_day_);
    add(2, tr("yuan a month"), per_month_);
    add(3, tr("orders a minute"), orders_);
    grid->setColumnStretch(4, 1);
    no_caps_ = new QLabel(tr("It may not sell, so it has no caps."), caps_);
    set_tone(*no_caps_, Tone::muted);
    grid->addWidget(no_caps_, 2, 0, 1, 5);
    form.addRow(tr("At most"), caps_);
    for (QDoubleSpinBox* box : {per_order_, per_day_, per_month_}) connect(box, &QDoubleSpinBox::valueChanged, this, &GrantEditor::touched);
    connect(orders_, &QSpinBox::valueChanged, this, &GrantEditor::touched);
}

void GrantEditor::set_kind(model::UkeyKind kind) {
    pb::GrantTerms usual = usual_terms(kind);
    if (kind == model::UkeyKind::user) usual.set_station(bytes(station_->text().trimmed()));
    set_terms(kind, usual);
}

void GrantEditor::set_terms(model::UkeyKind kind, const pb::GrantTerms& terms) {
    kind_ = kind;
    given_ = terms;
    form_->setRowVisible(station_, !without_station_ && (kind == model::UkeyKind::user || !terms.station().empty()));
    const model::OperationSet operations = model::possible_operations(kind);
    for (auto& [name, check] : operations_) {
        const auto op = model::parse_operation(name);
        check->setVisible((operations & model::bit(*op)) != 0);
    }
    const model::ClassSet classes = model::possible_classes(kind);
    for (auto& [name, check] : classes_) {
        const bool can = (classes & model::class_bit(*model::parse_key_class(name))) != 0;
        offer(*check, can ? QString() : tr("A user UKEY never holds it, so that it can never change a meter's keys."));
    }
    fill(terms);
}

void GrantEditor::fill(const pb::GrantTerms& t) {
    filling_ = true;
    station_->setText(text(t.station()));
    const auto among = [](const auto& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); };
    for (auto& [name, check] : operations_) check->setChecked(among(t.operations(), name));
    for (auto& [name, check] : classes_) check->setChecked(among(t.classes(), name));
    const bool every = is_every_meter(t);
    every_meter_->setChecked(every);
    some_meters_->setChecked(!every);
    meters_->setText(meters_text(t));
    meters_->setEnabled(!every);
    const model::SaleCaps& usual = model::kUsualCaps;
    // What may not sell keeps the usual caps in its greyed fields, so that they stand there once it may.
    const bool sells = may_sell(t);
    per_order_->setValue(static_cast<double>(sells ? t.per_order_fen() : usual.per_order.value()) / 100);
    per_day_->setValue(static_cast<double>(sells ? t.per_day_fen() : usual.per_day.value()) / 100);
    per_month_->setValue(static_cast<double>(sells ? t.per_month_fen() : usual.per_month.value()) / 100);
    orders_->setValue(static_cast<int>(std::min<std::uint32_t>(sells ? t.orders_per_minute() : usual.orders_per_minute, kLargestRate)));
    times_->show(t);
    QStringList users;
    for (const std::uint32_t uid : t.uids()) users << QString::number(uid);
    users_->setText(users.join(QStringLiteral(", ")));
    filling_ = false;
    touched();
}

pb::GrantTerms GrantEditor::terms() const {
    pb::GrantTerms out;
    if (kind_ == model::UkeyKind::user || !given_.station().empty()) out.set_station(bytes(station_->text().trimmed()));
    for (unsigned i = 0; i < model::kOperationCount; ++i) {
        const std::string name(model::name(static_cast<model::Operation>(i)));
        if (const auto at = operations_.find(name); at != operations_.end() && at->second->isChecked()) out.add_operations(name);
    }
    for (const model::KeyClass c : model::kAllClasses)
        if (const std::string name(model::name(c)); classes_.at(name)->isChecked()) out.add_classes(name);
    if (every_meter_->isChecked()) {
        out.add_meters()->set_last(kmp::terms::kLastMeter);
    } else if (const auto ranges = parse_meters(meters_->text())) {
        for (const model::MeterRange& r : *ranges) {
            auto& range = *out.add_meters();
            range.set_first(r.first.number());
            range.set_last(r.last.number());
        }
    }
    if (may_sell(out)) {
        out.set_per_order_fen(fen(*per_order_));
        out.set_per_day_fen(fen(*per_day_));
        out.set_per_month_fen(fen(*per_month_));
        out.set_orders_per_minute(static_cast<std::uint32_t>(orders_->value()));
    } else if (!may_sell(given_)) {
        // Caps of what may not sell say nothing: they stay as they were put in.
        out.set_per_order_fen(given_.per_order_fen());
        out.set_per_day_fen(given_.per_day_fen());
        out.set_per_month_fen(given_.per_month_fen());
        out.set_orders_per_minute(given_.orders_per_minute());
    }
    times_->put_into(out);
    if (const auto users = users_in(users_->text()))
        for (const std::uint32_t uid : *users) out.add_uids(uid);
    return out;
}

QString GrantEditor::problem() const {
    if (!every_meter_->isChecked())
        if (const auto ranges = parse_meters(meters_->text()); !ranges) return text(ranges.error().message);
    if (const QString wrong = times_->problem(); !wrong.isEmpty()) return wrong;
    if (!users_in(users_->text())) return tr("Local users are numbers, as “id -u” tells them.");
    pb::GrantTerms t = terms();
    if (without_station_) t.set_station(kind_ == model::UkeyKind::user ? "x" : "");
    return problem_of(t, kind_, now());
}

void GrantEditor::leave_station_out() {
    without_station_ = true;
    form_->setRowVisible(station_, false);
    touched();
}

void GrantEditor::touched() {
    if (filling_) return;
    const pb::GrantTerms t = terms();
    caps_->setEnabled(may_sell(t));
    no_caps_->setVisible(!may_sell(t));
    const QString wrong = problem();
    if (!wrong.isEmpty()) says_->say(Tone::bad, wrong);
    else says_->say(Tone::attention, doubt_of(t));
    emit changed();
}

}  // namespace ui::parts
