#include "model/grant_defaults.h"

namespace model {
namespace {

constexpr OperationSet set_of(std::initializer_list<Operation> operations) noexcept {
    OperationSet out = 0;
    for (const Operation op : operations) out |= bit(op);
    return out;
}

constexpr ClassSet kEveryClass = (1u << kAllClasses.size()) - 1;
constexpr OperationSet kEveryOperation = (OperationSet{1} << kOperationCount) - 1;
constexpr OperationSet kKeyWork = set_of({Operation::download_keys, Operation::recover_keys});

}  // namespace

OperationSet usual_operations(UkeyKind kind) noexcept {
    using O = Operation;
    if (kind == UkeyKind::key) return kKeyWork | set_of({O::authenticate, O::check_status});
    return set_of({O::authenticate, O::open_account, O::recharge, O::relay, O::check_status, O::card, O::sign, O::random});
}

ClassSet usual_classes(UkeyKind kind) noexcept { return possible_classes(kind); }

OperationSet possible_operations(UkeyKind kind) noexcept { return kind == UkeyKind::user ? kEveryOperation & ~kKeyWork : kEveryOperation; }

ClassSet possible_classes(UkeyKind kind) noexcept {
    return kind == UkeyKind::user ? static_cast<ClassSet>(kEveryClass & ~class_bit(KeyClass::control)) : kEveryClass;
}

}  // namespace model
