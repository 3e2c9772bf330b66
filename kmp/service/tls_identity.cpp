#include "kmp/service/tls_identity.h"

#include <spdlog/spdlog.h>

namespace kmp::service {
namespace {

using base::Code;
using Signed = base::Result<base::Bytes>;

/// On the I/O thread: asks the platform UKEY.
void sign(Service& service, const base::Bytes& content, std::shared_ptr<std::promise<Signed>> out) {
    if (!service.books()) return out->set_value(base::Error{Code::sealed, "the service was sealed meanwhile"});
    auto slot = service.bay().by_serial(service.books()->house.platform);
    if (!slot) return out->set_value(std::move(slot).error());
    tokens::pb::HostRequest request;
    request.mutable_sign_tls()->set_content(base::to_string(content));
    slot->channel->call(std::move(request), {}, service.config().token_timeout, [out = std::move(out)](base::Result<tokens::HostAnswer> answer) {
        if (!answer) return out->set_value(answer.error());
        out->set_value(base::to_bytes(base::as_bytes(answer->reply.signature().der())));
    });
}

tls::RemoteSign remote_sign(Service& service) {
    // A little longer than the UKEY is given: it says why it failed. At the end of the service nobody answers.
    return [&service, patience = service.config().token_timeout + std::chrono::seconds(1)](base::ByteView content) -> Signed {
        auto promise = std::make_shared<std::promise<Signed>>();
        std::future<Signed> signature = promise->get_future();
        service.post([&service, copy = base::to_bytes(content), promise] { sign(service, copy, promise); });
        promise.reset();
        const auto end = std::chrono::steady_clock::now() + patience;
        while (signature.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
            if (service.ended || std::chrono::steady_clock::now() > end) return base::Error{Code::timeout, "the platform UKEY did not sign in time"};
        return signature.get();
    };
}

base::Result<std::shared_ptr<const tls::Context>> make(Service& service) {
    const House& house = service.books()->house;
    const tokens::UkeyRecord* platform = service.books()->registry.find(house.platform);
    const base::Bytes* der = platform == nullptr ? nullptr : platform->certificate(pki::Profile::tls);
    if (der == nullptr) return base::Error{Code::not_found, "platform UKEY " + house.platform.text() + " has no TLS certificate"};
    KMP_TRY(const pki::Certificate own, pki::Certificate::from_der(*der));
    std::vector<base::Bytes> chain{own.der()};
    // Clients know the trust anchor; another master-control UKEY's issuer they do not.
    if (const pki::Certificate* issuer = house.issuer_of(own); issuer != nullptr && issuer != &house.anchor) chain.push_back(issuer->der());
    KMP_TRY(tls::Context context, tls::Context::server({std::move(chain), remote_sign(service)}));
    return std::make_shared<const tls::Context>(std::move(context));
}

}  // namespace

std::function<std::shared_ptr<const tls::Context>()> tls_identity(Service& service) {
    struct Made {
        std::weak_ptr<Books> books;
        base::UkeySerial platform;
        std::shared_ptr<const tls::Context> context;
    };
    return [&service, made = std::make_shared<Made>()]() -> std::shared_ptr<const tls::Context> {
        if (!service.books() || !service.failing().empty()) return nullptr;
        if (made->books.lock() == service.books() && made->platform == service.books()->house.platform) return made->context;
        *made = {service.books(), service.books()->house.platform, nullptr};
        auto context = make(service);
        if (!context) spdlog::error("nobody is served over the network: {}", context.error().message);
        else made->context = std::move(*context);
        return made->context;
    };
}

}  // namespace kmp::service
