#pragma once
#include <QString>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/pb.h"

namespace ui::issue {

namespace pb = wire::pb;

/// One line of a list of UKEYs to issue.
struct BatchRow {
    enum class State : std::uint8_t { waiting, working, done, failed };
    std::size_t line = 0;  ///< of the list, from 1
    QString holder;
    QString reader;        ///< empty: the only blank UKEY that is plugged in
    pb::GrantTerms terms;
    QString problem;       ///< why it cannot be; empty: it can
    State state = State::waiting;
    QString said;          ///< what came of it
    std::string serial;    ///< of the UKEY that was issued
};

/// The rows of a list as `kmpctl ukey issue-batch` takes it, or as it was copied out of a spreadsheet: a first line that names the columns; without one they are holder, station, per-order, per-day, per-month. What a row
/// leaves out is as in `terms`, its station its holder. `kind`: user or key, of all of them.
/// A row that cannot be carries its problem. errors: malformed (no list at all)
base::Result<std::vector<BatchRow>> read_batch(base::ByteView list, const std::string& kind, const pb::GrantTerms& terms);

}  // namespace ui::issue
