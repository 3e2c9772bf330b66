#include "ui/ukeys/ukey_model.h"

#include <QApplication>
#include <QPalette>
#include <unordered_map>

#include "ui/parts/words.h"

namespace ui::ukeys {
namespace {

using parts::text;
using parts::Tone;

Row row_of(const pb::Ukey& u) {
    Row r;
    r.ukey = u;
    r.kind = parts::kind_word(u.kind());
    r.state = parts::state_word(u.state());
    r.holder = text(u.holder());
    r.serial = text(u.serial());
    r.reader = text(u.reader());
    r.until = parts::day(u.not_after_ms());
    r.last_used = parts::moment(u.last_used_ms());
    r.grant = u.has_terms() ? parts::grant_line(u.terms()) : text(u.grant());  // an older service sends its own words only
    r.sought = QStringList{r.kind, r.holder, r.serial, r.state, r.until, r.reader, r.grant, r.last_used, text(u.token_serial())}.join(QLatin1Char('\n')).toCaseFolded().toUtf8();
    r.tone = tone_of(u);
    return r;
}

int compare(const QString& a, const QString& b) { return a.compare(b, Qt::CaseInsensitive); }

template <class N>
int compare_numbers(N a, N b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

Tone tone_of(const pb::Ukey& ukey) {
    const std::string& s = ukey.state();
    if (s == "issued") return ukey.must_change_pin() ? Tone::attention : Tone::good;
    if (s == "suspended" || s == "expired" || s == "initialised") return Tone::attention;
    if (s == "blocked" || s == "lost") return Tone::bad;
    return Tone::muted;
}

int UkeyModel::find(const std::string& serial) const {
    const auto at = places_.find(serial);
    return at == places_.end() ? -1 : static_cast<int>(at->second);
}

void UkeyModel::change(std::size_t at, const pb::Ukey& ukey) {
    rows_[at] = row_of(ukey);
    rows_[at].turn = turn_;
    const int n = static_cast<int>(at);
    emit dataChanged(index(n, 0), index(n, kColumns - 1));
}

void UkeyModel::take(const google::protobuf::RepeatedPtrField<pb::Ukey>& ukeys) {
    std::vector<Row> fresh;
    for (const pb::Ukey& u : ukeys) {
        const auto at = places_.find(u.serial());
        if (at == places_.end()) {
            fresh.push_back(row_of(u));
            fresh.back().turn = turn_;
            continue;
        }
        Row& known = rows_[at->second];
        known.turn = turn_;
        if (known.ukey.SerializeAsString() != u.SerializeAsString()) change(at->second, u);
    }
    if (fresh.empty()) return;
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
    for (Row& r : fresh) {
        places_.emplace(r.ukey.serial(), rows_.size());
        rows_.push_back(std::move(r));
    }
    endInsertRows();
}

void UkeyModel::finish() {
    bool removed = false;
    for (std::size_t i = rows_.size(); i-- > 0;) {
        if (rows_[i].turn == turn_) continue;
        const int n = static_cast<int>(i);
        beginRemoveRows({}, n, n);
        places_.erase(rows_[i].ukey.serial());
        rows_.erase(rows_.begin() + n);
        endRemoveRows();
        removed = true;
    }
    if (!removed) return;
    for (std::size_t i = 0; i < rows_.size(); ++i) places_[rows_[i].ukey.serial()] = i;
}

void UkeyModel::put(const pb::Ukey& ukey) {
    google::protobuf::RepeatedPtrField<pb::Ukey> one;
    *one.Add() = ukey;
    take(one);
}

std::vector<std::string> UkeyModel::set_readers(const google::protobuf::RepeatedPtrField<pb::ReaderStatus>& readers) {
    std::unordered_map<std::string_view, const pb::ReaderStatus*> now;
    for (const pb::ReaderStatus& r : readers)
        if (r.content() == "ukey") now.emplace(r.ukey(), &r);
    std::vector<std::string> differ;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const pb::Ukey& u = rows_[i].ukey;
        const auto at = now.find(u.serial());
        if (at != now.end() && !at->second->ukey_state().empty() && at->second->ukey_state() != u.state()) differ.push_back(u.serial());
        const std::string& reader = at == now.end() ? std::string() : at->second->name();
        if (u.reader() == reader) continue;
        pb::Ukey changed = u;
        changed.set_reader(reader);
        change(i, changed);
    }
    return differ;
}

QVariant UkeyModel::data(const QModelIndex& index, int role) const {
    const Row& r = row(index.row());
    if (role == Qt::ForegroundRole) {
        if (index.column() == kState) return parts::colour(r.tone, QApplication::palette());
        return {};
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    switch (index.column()) {
        case kKind: return r.kind;
        case kHolder: return r.holder;
        case kSerial: return r.serial;
        case kState: return r.state;
        case kUntil: return r.until;
        case kReader: return r.reader;
        case kGrant: return r.grant;
        case kLastUsed: return r.last_used;
        default: return {};
    }
}

QVariant UkeyModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
        case kKind: return tr("Kind");
        case kHolder: return tr("Holder");
        case kSerial: return tr("Serial");
        case kState: return tr("State");
        case kUntil: return tr("Valid until");
        case kReader: return tr("Plugged in at");
        case kGrant: return tr("Grant");
        case kLastUsed: return tr("Last used");
        default: return {};
    }
}

UkeyFilter::UkeyFilter(UkeyModel& model, QObject* parent) : QSortFilterProxyModel(parent), model_(model) { setSourceModel(&model); }

void UkeyFilter::set_text(const QString& typed) {
    std::vector<QByteArray> words;
    for (const QString& word : typed.toCaseFolded().split(QLatin1Char(' '), Qt::SkipEmptyParts)) words.push_back(word.toUtf8());
    if (words == words_) return;
    words_ = words;
    invalidateFilter();
}

void UkeyFilter::set_kind(const std::string& kind) {
    kind_ = kind;
    invalidateFilter();
}

void UkeyFilter::set_state(const std::string& state) {
    state_ = state;
    invalidateFilter();
}

bool UkeyFilter::filterAcceptsRow(int number, const QModelIndex&) const {
    const Row& r = model_.row(number);
    if (!kind_.empty() && r.ukey.kind() != kind_) return false;
    if (!state_.empty() && r.ukey.state() != state_) return false;
    for (const QByteArray& word : words_)
        if (!r.sought.contains(word)) return false;
    return true;
}

bool UkeyFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const Row& a = model_.row(left.row());
    const Row& b = model_.row(right.row());
    int order = 0;
    switch (left.column()) {
        case UkeyModel::kKind: order = compare(a.kind, b.kind); break;
        case UkeyModel::kHolder: order = compare(a.holder, b.holder); break;
        case UkeyModel::kState: order = compare(a.state, b.state); break;
        case UkeyModel::kUntil: order = compare_numbers(a.ukey.not_after_ms(), b.ukey.not_after_ms()); break;
        case UkeyModel::kReader: order = compare(a.reader, b.reader); break;
        case UkeyModel::kGrant: order = compare(a.grant, b.grant); break;
        case UkeyModel::kLastUsed: order = compare_numbers(a.ukey.last_used_ms(), b.ukey.last_used_ms()); break;
        default: break;
    }
    return order != 0 ? order < 0 : a.serial < b.serial;
}

}  // namespace ui::ukeys
