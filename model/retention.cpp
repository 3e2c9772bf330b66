#include "model/retention.h"

#include "base/words.h"

namespace model {
namespace {

using base::Code;
using base::Error;

constexpr std::uint8_t kEncoding = 1;

}  // namespace

base::Bytes Retention::encode() const {
    base::ByteWriter w;
    w.u8(kEncoding);
    w.sized16(home.text());
    w.u32(number);
    w.u32(live_days);
    w.u32(keep_days);
    return std::move(w).take();
}

base::Result<Retention> Retention::decode(base::ByteView bytes) {
    base::ByteReader r(bytes);
    KMP_TRY(const std::uint8_t version, r.u8());
    if (version != kEncoding) return Error{Code::malformed, "a retention policy of version " + std::to_string(version) + ", known is 1"};
    Retention out;
    KMP_TRY(const std::string home_text, r.text16());
    KMP_TRY(out.home, base::UkeySerial::parse(home_text));
    KMP_TRY(out.number, r.u32());
    KMP_TRY(out.live_days, r.u32());
    KMP_TRY(out.keep_days, r.u32());
    KMP_CHECK(r.end());
    KMP_CHECK(out.validate());
    return out;
}

base::Status Retention::validate() const {
    const auto bad = [](std::string text) { return Error{Code::invalid_argument, "retention: " + std::move(text)}; };
    if (home.empty() || number == 0) return bad("it belongs to a platform, and its number starts at 1");
    if (live_days != 0 && (live_days < kLeastLive || live_days > kMostDays))
        return bad("live_days: 8 to 36500, for an order whose event is archived is not voided any more; or 0, and nothing is archived");
    if (keep_days > kMostDays || (live_days != 0 && keep_days == 0)) return bad("keep_days: 1 to 36500");
    return {};
}

std::string Retention::in_words() const {
    const std::string kept = "archive segments are kept for " + base::counted(keep_days, "day");
    if (live_days == 0) return "no event leaves the live database; " + kept;
    return "events stay in the live database for " + base::counted(live_days, "day") + "; " + kept;
}

}  // namespace model
