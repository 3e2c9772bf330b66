#pragma once
#include <functional>
#include <memory>

#include "kmp/service/service.h"
#include "tls/context.h"

namespace kmp::service {

/// The service as the network sees it: the platform UKEY's TLS certificate and its issuer's, signatures by its tokenhost. Null while the service is not open.
/// The function outlives no Service. Thread: the I/O thread; the context signs from any other thread, and fails when the UKEY does not answer in time.
std::function<std::shared_ptr<const tls::Context>()> tls_identity(Service& service);

}  // namespace kmp::service
