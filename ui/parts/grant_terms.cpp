#include "ui/parts/grant_terms.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>

#include "kmp/terms/terms.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

/// Where the translation of these sentences is looked for.
struct Say {
    Q_DECLARE_TR_FUNCTIONS(grant)
};

base::Error bad(const QString& text) { return {base::Code::invalid_argument, bytes(text), 0}; }

template <class List, class Word>
QString words_of(const List& names, Word word) {
    QStringList out;
    for (const std::string& name : names) out << word(name);
    out.sort();
    return out.isEmpty() ? Say::tr("none") : out.join(QStringLiteral(", "));
}

QString hours_of(std::uint32_t bits) { return bits == 0 || bits == kAllHours ? Say::tr("every hour") : hours_text(bits); }
QString days_of(std::uint32_t bits) { return bits == 0 || bits == kAllDays ? Say::tr("every day") : weekdays_text(bits); }

QString users_of(const pb::GrantTerms& terms) {
    QStringList out;
    for (const std::uint32_t uid : terms.uids()) out << QString::number(uid);
    return out.isEmpty() ? Say::tr("none") : out.join(QStringLiteral(", "));
}

}  // namespace

pb::GrantTerms usual_terms(model::UkeyKind kind) {
    kmp::terms::TermsText nothing_typed;
    nothing_typed.kind = std::string(model::name(kind));
    // A user UKEY's cannot be without a station, which is not usual but everyone's own.
    if (kind == model::UkeyKind::user) nothing_typed.station = "any";
    auto out = kmp::terms::parse_terms(nothing_typed);
    if (!out) return {};
    out->clear_station();
    return *out;
}

bool is_every_meter(const pb::GrantTerms& terms) { return terms.meters_size() == 1 && terms.meters(0).first() == 0 && terms.meters(0).last() == kmp::terms::kLastMeter; }

QString meters_text(const pb::GrantTerms& terms) {
    if (is_every_meter(terms)) return {};
    QStringList out;
    for (const pb::MeterRange& r : terms.meters()) out << (r.first() == r.last() ? meter_number(r.first()) : meter_number(r.first()) + QLatin1Char('-') + meter_number(r.last()));
    return out.join(QStringLiteral(", "));
}

base::Result<std::vector<model::MeterRange>> parse_meters(const QString& typed) {
    static const QRegularExpression around_dash(QStringLiteral("\\s*[-–—]\\s*"));
    static const QRegularExpression between(QStringLiteral("[\\s,;，；、]+"));
    std::vector<model::MeterRange> out;
    for (const QString& one : QString(typed).replace(around_dash, QStringLiteral("-")).split(between, Qt::SkipEmptyParts)) {
        const auto range = kmp::terms::parse_range(bytes(one));
        if (!range && range.error().code == base::Code::malformed) return bad(Say::tr("Meters: “%1” is no meter number of 12 digits, and no range of two.").arg(one));
        if (!range) return bad(Say::tr("Meters: in “%1” the last number is below the first.").arg(one));
        out.push_back(*range);
        if (out.size() > model::Grant::kMaxRanges) return bad(Say::tr("Meters: a grant holds %1 ranges at most.").arg(model::Grant::kMaxRanges));
    }
    if (out.empty()) return bad(Say::tr("Meters: name at least one, or choose every meter."));
    return out;
}

base::Result<model::Grant> grant_of(const pb::GrantTerms& terms, model::UkeyKind kind, base::Millis now) {
    KMP_TRY(model::Grant out, kmp::terms::grant_of(terms, now));
    out.number = 1;
    out.kind = kind;
    return out;
}

QString problem_of(const pb::GrantTerms& terms, model::UkeyKind kind, base::Millis now) {
    if (kind == model::UkeyKind::user && terms.station().empty()) return Say::tr("Name the station that it vends for.");
    if (!terms.station().empty() && !base::check_name(terms.station(), "station")) return Say::tr("The station's name has 1 to 64 letters, digits, “-”, “_” and “.” only.");
    if (terms.operations().empty()) return Say::tr("Choose at least one thing that it may do.");
    if (terms.classes().empty()) return Say::tr("Choose at least one class of keys.");
    if (terms.meters().empty()) return Say::tr("Meters: name at least one, or choose every meter.");
    const auto grant = grant_of(terms, kind, now);
    if (!grant) return text(grant.error().message);
    if (grant->per_order > model::kMaxOrderAmount) return Say::tr("No order can carry more than %1 yuan.").arg(yuan(model::kMaxOrderAmount.value()));
    if (grant->not_after <= grant->not_before) return Say::tr("It would end before it begins.");
    if (grant->not_after <= now) return Say::tr("It would have ended already.");
    if (grant->uids.size() > model::Grant::kMaxUids) return Say::tr("At most %1 local users.").arg(model::Grant::kMaxUids);
    if (const base::Status valid = grant->validate(); !valid) return text(valid.error().message);
    return {};
}

QString doubt_of(const pb::GrantTerms& t) {
    if (!may_sell(t)) return {};
    if (t.per_order_fen() == 0 || t.per_day_fen() == 0 || t.per_month_fen() == 0) return Say::tr("A cap of 0 lets it sell nothing.");
    if (t.orders_per_minute() == 0) return Say::tr("With 0 orders a minute it can sell nothing.");
    if (t.per_day_fen() < t.per_order_fen()) return Say::tr("The cap of a day is below that of one order.");
    if (t.per_month_fen() < t.per_day_fen()) return Say::tr("The cap of a month is below that of a day.");
    return {};
}

QStringList differences(const pb::GrantTerms& from, const pb::GrantTerms& to) {
    QStringList out;
    const auto compare = [&](const QString& name, const QString& before, const QString& after) {
        if (before != after) out << Say::tr("%1: %2; before: %3").arg(name, after, before);
    };
    const auto money = [](std::int64_t fen) { return Say::tr("%1 yuan").arg(yuan(fen)); };
    const auto meters = [](const pb::GrantTerms& t) { return is_every_meter(t) ? Say::tr("every meter") : meters_text(t); };
    const auto station = [](const pb::GrantTerms& t) { return t.station().empty() ? Say::tr("none") : text(t.station()); };
    compare(Say::tr("Station"), station(from), station(to));
    compare(Say::tr("It may"), words_of(from.operations(), operation_word), words_of(to.operations(), operation_word));
    compare(Say::tr("Classes of keys"), words_of(from.classes(), class_word), words_of(to.classes(), class_word));
    compare(Say::tr("Meters"), meters(from), meters(to));
    compare(Say::tr("Cap of an order"), money(from.per_order_fen()), money(to.per_order_fen()));
    compare(Say::tr("Cap of a day"), money(from.per_day_fen()), money(to.per_day_fen()));
    compare(Say::tr("Cap of a month"), money(from.per_month_fen()), money(to.per_month_fen()));
    compare(Say::tr("Orders a minute"), number(from.orders_per_minute()), number(to.orders_per_minute()));
    compare(Say::tr("Hours"), hours_of(from.hours()), hours_of(to.hours()));
    compare(Say::tr("Days"), days_of(from.weekdays()), days_of(to.weekdays()));
    compare(Say::tr("Valid from"), moment(from.not_before_ms()), moment(to.not_before_ms()));
    compare(Say::tr("Valid until"), moment(from.not_after_ms()), moment(to.not_after_ms()));
    compare(Say::tr("Local users without its PIN"), users_of(from), users_of(to));
    return out;
}

}  // namespace ui::parts
