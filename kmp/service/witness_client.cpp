#include <algorithm>

#include "audit/witness.h"
#include "kmp/service/carrier.h"
#include "kmp/service/http_client.h"
#include "kmp/service/toml_folder.h"

namespace kmp::service {
namespace {

using base::Code;

/// What a stranger said, as it may stand in a line of ours.
std::string its_words(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, std::min<std::size_t>(text.find('\n'), 100))) out += c >= ' ' && c <= '~' ? c : '?';
    return out.empty() ? "" : ": " + out;
}

/// source: C2SP tlog-witness
class WitnessClient final : public Carrier {
public:
    WitnessClient(WitnessAddress address, std::shared_ptr<Past> past) : address_(std::move(address)), past_(std::move(past)) {}
    std::string name() const override { return address_.name; }
    std::string place() const override { return address_.url; }
    std::string key() const override { return address_.key.name + "+" + base::to_hex(address_.key.spki); }
    bool all() const noexcept override { return false; }
    void stop() noexcept override { stop_ = true; }

    base::Result<std::vector<std::string>> look() override {
        KMP_TRY(HttpReply reply, http_exchange(address_.url + "/" + audit::origin_hash(past_->origin()) + "/checkpoint", std::nullopt, {}, stop_));
        // A witness need not show what it has.
        std::vector<std::string> out;
        if (reply.status == 200) out.push_back(std::move(reply.body));
        return out;
    }

    base::Result<std::optional<Cosignatures>> carry(const Outgoing& outgoing) override {
        constexpr int kTries = 3;  // the first to learn what it has cosigned last, and one for when somebody else was faster
        for (int i = 0; i < kTries; ++i) {
            audit::AddCheckpoint request{cosigned_size_, {}, outgoing.note};
            KMP_TRY(request.proof, past_->consistency(cosigned_size_, outgoing.size));
            KMP_TRY(HttpReply reply, http_exchange(address_.url + "/add-checkpoint", request.text(), {}, stop_));
            if (reply.status == 200) return keep(outgoing, std::move(reply.body));
            if (reply.status == 422) return contradicted("it says that the log does not go on from the " + std::to_string(cosigned_size_) + " records that it has cosigned");
            if (reply.status != 409) return {Code::refused, "it answers " + std::to_string(reply.status) + its_words(reply.body)};
            const auto size = audit::parse_tree_size(reply.body);
            if (!size || *size == cosigned_size_) return {Code::malformed, "it answers 409, and no size that it could have cosigned" + its_words(reply.body)};
            KMP_TRY(const std::uint64_t own, past_->size());
            if (*size > own) return contradicted("it says that it has cosigned " + std::to_string(*size) + " records, and the log has " + std::to_string(own));
            if (*size > outgoing.size) return {Code::busy, "it has cosigned a newer checkpoint already, over " + std::to_string(*size) + " records"};
            cosigned_size_ = *size;
        }
        return {Code::conflict, "each time it says another size that it has cosigned last"};
    }

private:
    base::Result<std::optional<Cosignatures>> keep(const Outgoing& outgoing, std::string lines) {
        if (auto held = audit::with_cosignatures(outgoing.note, lines, address_.key); !held) return std::move(held).error().in("its answer");
        cosigned_size_ = outgoing.size;
        return std::optional(Cosignatures{outgoing.size, address_.key, std::move(lines)});
    }
    /// Its word alone proves nothing: what it has cosigned does, for that this log has signed.
    base::Error contradicted(const std::string& what) {
        const auto notes = look();
        for (const std::string& note : notes ? *notes : std::vector<std::string>())
            if (auto held = past_->hold(note, "the witness " + address_.name); !held && held.error().code == Code::tampered) return std::move(held).error();
        return base::Error{Code::conflict, what + ", and shows no checkpoint that proves it; ask who runs it, and keep this log's exports"};
    }
    const WitnessAddress address_;
    const std::shared_ptr<Past> past_;
    std::atomic<bool> stop_{false};
    std::uint64_t cosigned_size_ = 0;  ///< what it has cosigned last, as far as is known
};

constexpr std::string_view kKeys[] = {"url", "key"};

base::Result<WitnessAddress> parse_witness(const std::string& name, const toml::table& table) {
    WitnessAddress out;
    out.name = name;
    out.url = table["url"].value_exact<std::string>().value_or("");
    while (out.url.ends_with('/')) out.url.pop_back();
    if (!out.url.starts_with("http://") && !out.url.starts_with("https://")) return {Code::malformed, "it needs url = \"http://ADDRESS:PORT\", where the witness listens"};
    KMP_TRY(out.key, audit::parse_verifier_key(table["key"].value_exact<std::string>().value_or("")));
    if (out.key.type != audit::SignatureType::cosignature) return {Code::malformed, "its key is not a witness's, as 'kmpctl audit checkpoint --witness-key' prints it there"};
    return out;
}

}  // namespace

std::unique_ptr<Carrier> witness_carrier(WitnessAddress address, std::shared_ptr<Past> past) {
    return std::make_unique<WitnessClient>(std::move(address), std::move(past));
}

std::vector<WitnessAddress> read_witnesses(const std::string& folder, std::vector<std::string>& problems) {
    std::vector<WitnessAddress> out;
    read_toml_folder(folder, "no witness is asked as it says in", kKeys, problems, [&](const std::string& name, const toml::table& content) -> base::Status {
        if (name == "drop") return {Code::malformed, "'drop' is no name for a witness"};
        KMP_TRY(WitnessAddress witness, parse_witness(name, content));
        out.push_back(std::move(witness));
        return {};
    });
    return out;
}

}  // namespace kmp::service
