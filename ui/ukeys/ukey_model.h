#pragma once
#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <string>
#include <unordered_map>
#include <vector>

#include "ui/parts/theme.h"
#include "wire/pb.h"

namespace ui::ukeys {

namespace pb = wire::pb;

/// One UKEY, with its words made once: scrolling, sorting and filtering allocate nothing.
struct Row {
    pb::Ukey ukey;
    QString kind, state, until, grant, last_used;
    QString holder, serial, reader;
    QByteArray sought;   ///< everything above in folded case, for the filter; UTF-8, for it is the longest
    parts::Tone tone = parts::Tone::plain;
    std::uint64_t turn = 0;  ///< the reading that it was seen in last
};

/// What a state says by its colour.
parts::Tone tone_of(const pb::Ukey& ukey);

/// All UKEYs, as the service lists them. A reading is begin(), take() for each part, and finish(); rows keep their places, so that selection and scroll position stay.
class UkeyModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { kKind, kHolder, kSerial, kState, kUntil, kReader, kLastUsed, kGrant, kColumns };
    explicit UkeyModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void begin() { ++turn_; }
    void take(const google::protobuf::RepeatedPtrField<pb::Ukey>& ukeys);
    /// What this reading did not have is gone.
    void finish();
    /// One that was just changed, shown or plugged in.
    void put(const pb::Ukey& ukey);
    /// Where they are plugged in now, from the status: between two readings. Returns the serials of those whose state is another there; which of the two is older cannot be told here, so they are to be asked for.
    std::vector<std::string> set_readers(const google::protobuf::RepeatedPtrField<pb::ReaderStatus>& readers);

    const Row& row(int number) const { return rows_[static_cast<std::size_t>(number)]; }
    /// -1: none.
    int find(const std::string& serial) const;

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : kColumns; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void change(std::size_t at, const pb::Ukey& ukey);
    std::vector<Row> rows_;
    std::unordered_map<std::string, std::size_t> places_;
    std::uint64_t turn_ = 0;
};

/// The rows that are looked for, in the order that was chosen.
class UkeyFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit UkeyFilter(UkeyModel& model, QObject* parent = nullptr);
    /// Words, all of which stand in some column.
    void set_text(const QString& text);
    /// By the names of the wire; empty: all.
    void set_kind(const std::string& kind);
    void set_state(const std::string& state);
    bool narrows() const { return !words_.empty() || !kind_.empty() || !state_.empty(); }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    UkeyModel& model_;
    std::vector<QByteArray> words_;
    std::string kind_;
    std::string state_;
};

}  // namespace ui::ukeys
