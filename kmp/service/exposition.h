#pragma once
#include <functional>
#include <string>

#include "kmp/service/figures.h"
#include "kmp/service/metrics.h"

namespace kmp::service {

/// The metrics as Prometheus reads them: text exposition format 0.0.4 (docs/OPERATION.md lists them). Labels are operations, codes, rules,
/// kinds, and the serials of UKEYs; nothing that a client writes.
/// Thread: any.
std::string expose(const Metrics& metrics, const Figures& figures);

/// What makes the page for whoever asks from another thread: it waits for a turn of the I/O thread, and no longer than two seconds.
/// busy: there was none. `service` outlives it.
std::function<base::Result<std::string>()> metrics_page(Service& service);

}  // namespace kmp::service
