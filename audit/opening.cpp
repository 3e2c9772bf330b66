#include "audit/opening.h"

#include <algorithm>
#include <optional>

#include "tokens/alone/lone_ukey.h"

namespace audit {

using base::Code;

struct Opening::Open {
    OpeningOptions options;
    base::PinSource pins;
    std::optional<tokens::alone::LoneUkey> ukey;

    base::Result<base::Secret> content_key(const std::vector<Recipient>& recipients);
};

base::Result<base::Secret> Opening::Open::content_key(const std::vector<Recipient>& recipients) {
    std::string for_whom;
    for (const Recipient& r : recipients) for_whom += (for_whom.empty() ? "" : ", ") + r.ukey.text();
    if (options.ukey.empty()) return {Code::invalid_argument, "it is sealed to auditor UKEY " + for_whom + "; name yours with --ukey FOLDER"};
    const bool fresh = !ukey;
    if (fresh) {
        KMP_TRY(auto opened, tokens::alone::LoneUkey::open(options.ukey, options.tokenhost));
        ukey.emplace(std::move(opened));
    }
    const auto mine = std::ranges::find(recipients, ukey->serial(), &Recipient::ukey);
    if (mine == recipients.end()) return {Code::denied, "it is sealed to auditor UKEY " + for_whom + ", and not to " + ukey->serial().text()};
    KMP_TRY(const base::Bytes der, ukey->transport_certificate());
    KMP_TRY(const pki::Certificate certificate, pki::Certificate::from_der(der));
    if (base::sha256(certificate.spki()) != mine->key) return {Code::denied, "it is sealed to another UKEY that was named " + ukey->serial().text() + ", with another key"};
    if (fresh) {
        KMP_TRY(const base::Secret pin, pins.get("auditor", "PIN of auditor UKEY " + ukey->serial().text(), base::PinSource::Use::existing));
        KMP_CHECK(ukey->login(pin));
    }
    return ukey->open_export_key(mine->wrapped);
}

Opening::Opening(std::unique_ptr<Open> open) : open_(std::move(open)) {}
Opening::Opening(Opening&&) noexcept = default;
Opening::~Opening() = default;

base::Result<Opening> Opening::prepare(OpeningOptions options) {
    KMP_TRY(base::PinSource pins, base::PinSource::parse(options.pin_fds, {"auditor"}));
    return Opening(std::make_unique<Open>(Open{std::move(options), std::move(pins), {}}));
}

ByteSource Opening::read(ByteSource source, bool* sealed) {
    return opened(std::move(source), [open = open_.get(), sealed](const std::vector<Recipient>& recipients) {
        if (sealed != nullptr) *sealed = true;
        return open->content_key(recipients);
    });
}

}  // namespace audit
