#include "vending/key_download.h"

#include "meter/dlt645/error_word.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;
using model::KeyState;

constexpr std::size_t kMaxDetail = 200;  // kmp.proto

std::string set_name(KeyState state) { return state == KeyState::factory ? "factory keys" : "private keys"; }

bool says(const base::Error& error, dlt645::SerrBit bit) {
    return error.code == Code::refused && (error.raw & static_cast<std::int64_t>(bit)) != 0;
}

struct Proof {
    Dialogue::Authenticated answer;
    std::uint32_t key_version = 0;
};

/// `version` 0: what the platform believes.
base::Result<Proof> authenticate(Platform& platform, Dialogue& meter, KeyState state, std::uint32_t version = 0) {
    KMP_TRY(const pb::AuthenticateReply proof, platform.authenticate(meter.meter(), state, version));
    platform.tell("kmpd gave the authentication ciphertext, random number and dispersion factor for the " + set_name(state));
    auto answer = meter.authenticate(proof);
    if (!answer) return std::move(answer).error();
    platform.tell("meter " + meter.meter().text() + " holds the " + set_name(state) + ": the identity authentication succeeded");
    return Proof{*answer, proof.key_version()};
}

/// `version`: of the private keys that the meter proved to hold; 0 where it did not, or holds the factory set.
base::Result<std::uint64_t> report(Platform& platform, const Dialogue& meter, bool recover, bool done, std::uint32_t version, std::string detail) {
    pb::KeysLoaded loaded;
    loaded.set_meter(meter.meter().number());
    loaded.set_done(done);
    loaded.set_recover(recover);
    loaded.set_key_version(version);
    loaded.set_detail(detail.substr(0, kMaxDetail));
    KMP_TRY(const pb::KeysLoadedReply reply, platform.keys_loaded(loaded));
    return reply.receipt().index();
}

constexpr std::uint32_t kKeysOf2013 = 20;

/// How many keys the meter says it holds; it decides how they travel. A meter that does not serve this register is of the 2009 profile.
base::Result<std::uint32_t> key_total(Platform& platform, Dialogue& meter) {
    const auto said = meter.read(dlt645::di::kKeyTotal);
    if (!said && said.error().code == Code::refused) return std::uint32_t{0};
    if (!said) return said.error();
    const bool high_grade = said->size() == 1 && said->front() == 0x20;
    platform.tell("the meter holds " + base::to_hex(*said) + " keys: they travel by the " + (high_grade ? "2013" : "2009") + " profile");
    return high_grade ? kKeysOf2013 : 0;
}

/// Sends the set, a key or up to four a frame. A meter that falls silent at the last or has ended the session may have taken them all:
/// the proof tells.
base::Result<unsigned> send_set(Platform& platform, Dialogue& meter, const pb::DownloadKeysReply& set) {
    const bool by_frames = set.frames_size() > 0;
    const int count = by_frames ? set.frames_size() : set.records_size();
    const std::string unit = by_frames ? "frame " : "key ";
    for (int i = 0; i < count; ++i) {
        const std::string which = unit + std::to_string(i + 1) + " of " + std::to_string(count);
        auto taken = by_frames ? meter.update_keys(set.frames(i)) : meter.update_key(set.records(i));
        if (!taken) {
            if (i + 1 != count || (taken.error().code != Code::timeout && taken.error().code != Code::refused)) return std::move(taken).error().in(which);
            platform.tell("the last of them was not confirmed (" + taken.error().message + "); the next authentication will tell");
            return static_cast<unsigned>(i);
        }
        platform.tell("the meter took " + which);
    }
    return static_cast<unsigned>(count);
}

constexpr std::uint32_t kLastVersion = 255;  // meters know no more

/// A meter whose new keys were sent but not confirmed holds a version after the one that is believed: whichever was the newest then.
base::Result<KeysMoved> already_updated(Platform& platform, Dialogue& meter, std::uint32_t believed, base::Error why) {
    if (!says(why, dlt645::SerrBit::authentication_failed)) return why;
    platform.tell("the meter does not hold version " + std::to_string(believed) + "; an earlier run may have updated it already");
    for (std::uint32_t version = believed + 1; version <= kLastVersion; ++version) {
        auto after = authenticate(platform, meter, KeyState::production, version);
        if (after) return KeysMoved{version, 0, true, 0};
        why = after.error();
        if (!says(why, dlt645::SerrBit::authentication_failed)) break;  // there are no more, or this UKEY lacks their masters
    }
    return base::Error{why.code, "meter " + meter.meter().text() + " accepts neither version " + std::to_string(believed) + " nor a newer one of our private keys: " + why.message, why.raw};
}

/// From the first authentication to the proof; nothing is reported yet. `begun`: kmpd gave keys out for this meter.
base::Result<KeysMoved> move_and_prove(Platform& platform, Dialogue& meter, Move move, bool& begun) {
    const bool recover = move == Move::recover;
    const KeyState from = move == Move::download ? KeyState::factory : KeyState::production;
    const KeyState to = recover ? KeyState::factory : KeyState::production;
    KMP_TRY(const std::uint32_t keys, key_total(platform, meter));
    std::uint32_t believed = 0;
    if (move == Move::update) {
        KMP_TRY(const pb::AuthenticateReply asked, platform.authenticate(meter.meter(), from, 0));
        believed = asked.key_version();
    }
    auto before = authenticate(platform, meter, from, believed);
    if (!before && move == Move::update) return already_updated(platform, meter, believed, before.error());
    if (!before) {
        if (!says(before.error(), dlt645::SerrBit::authentication_failed)) return std::move(before).error();
        platform.tell("the meter does not hold the " + set_name(from) + "; an earlier run may have moved it already");
        auto after = authenticate(platform, meter, to);
        if (after) return KeysMoved{after->key_version, 0, true, 0};
        return base::Error{after.error().code, "meter " + meter.meter().text() + " accepts neither our " + set_name(from) + " nor our " + set_name(to) + ": " + after.error().message,
                           after.error().raw};
    }
    pb::DownloadKeys download;
    download.set_meter(meter.meter().number());
    download.set_r2(before->answer.r2.data(), before->answer.r2.size());
    download.set_recover(recover);
    download.set_update(move == Move::update);
    download.set_keys(keys);
    KMP_TRY(const pb::DownloadKeysReply set, platform.download_keys(download));
    begun = true;
    if ((set.frames_size() > 0) != (keys == kKeysOf2013)) return {Code::malformed, "kmpd gave keys of another profile than the meter's"};
    platform.tell("kmpd gave the wrapped keys of version " + std::to_string(set.key_version()));
    KMP_TRY(const unsigned sent, send_set(platform, meter, set));
    auto after = authenticate(platform, meter, to, recover ? 0 : set.key_version());
    if (!after) return std::move(after).error().in("the proof under the new keys failed");
    return KeysMoved{set.key_version(), sent, false, 0};
}

}  // namespace

base::Result<KeysMoved> move_keys(Platform& platform, Dialogue& meter, Move move) {
    const bool recover = move == Move::recover;
    bool begun = false;
    auto moved = move_and_prove(platform, meter, move, begun);
    if (!moved) {
        if (!begun) return std::move(moved).error();
        // The log should hold the failure too; but the failure itself is what the caller must read.
        auto told = report(platform, meter, recover, false, 0, moved.error().message);
        if (!told) platform.tell("kmpd could not be told of the failure: " + told.error().message);
        return std::move(moved).error();
    }
    auto told = report(platform, meter, recover, true, moved->key_version, moved->already ? "held already" : "proved by an identity authentication");
    if (!told)
        return base::Error{Code::outcome_unknown, "meter " + meter.meter().text() + " holds its " + set_name(recover ? KeyState::factory : KeyState::production) +
                                                      ", but kmpd did not take the report (" + told.error().message + "): run the command again"};
    moved->receipt = *told;
    return moved;
}

}  // namespace vending
