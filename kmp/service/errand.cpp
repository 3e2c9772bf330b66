#include "kmp/service/errand.h"

#include "kmp/service/errands/data.h"
#include "kmp/service/errands/meter.h"
#include "kmp/service/errands/order.h"

namespace kmp::service {

base::Error Errand::odd_answer(const Caller& caller) const {
    return {base::Code::token_failed, "UKEY " + caller.record().serial.text() + " answered '" + std::string(model::name(operation())) + "' with something else"};
}

Entry entry_of(audit::Event event) {
    Entry entry;
    entry.events.push_back(std::move(event));
    return entry;
}

std::unique_ptr<Errand> errand_for(const wire::pb::StationRequest& request) {
    if (request.has_order()) return order_errand(request.order());
    if (request.has_void_order()) return void_errand(request.void_order());
    if (auto errand = meter_errand(request)) return errand;
    return data_errand(request);
}

void fill(wire::pb::Receipt& out, const audit::Receipt& receipt) {
    out.set_index(receipt.index);
    out.set_leaf_hash(base::to_string(receipt.leaf));
}

base::Status check_size(const std::string& field, std::size_t size, std::string_view what) {
    if (field.size() == size) return {};
    return {base::Code::invalid_argument, std::string(what) + ": " + std::to_string(size) + " bytes, not " + std::to_string(field.size())};
}

}  // namespace kmp::service
