#pragma once
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <atomic>
#include <random>

#include "base/digest.h"
#include "tests/vending/station_test.h"

/// A kmpd and meters that compute every secured field by docs/SUITE.md, apart from both the platform and kmp-meter. All meters have the private
/// keys of that page's example, so that the bytes on the line are those that it prints.
namespace tests::suite {

using base::Bytes;
using base::ByteView;

inline Bytes hex(std::string_view text) { return *base::from_hex(text); }

/// Key `id` in a meter: 7.1 and tests/data/suite-aes128.json for the private ones.
inline Bytes key(bool factory, unsigned id) {
    if (!factory) {
        if (id == 2) return hex("8a199b70aca4a96574d52985217f6677");
        if (id == 3) return hex("3721d5789088330c94c6150072da5a9f");
        if (id == 4) return hex("029118a711d333b002d544635e55088d");
        if (id == 5) return hex("24ab984e47eafd418e287615efea27e4");
        if (id == 6) return hex("3cf5a85f02c7c4d8c44f5ea57f700149");
        if (id == 7) return hex("b52d7b1ee30cffd8ee12277e61ee785a");
    }
    const auto digest = base::sha256(base::as_bytes((factory ? "factory " : "private ") + std::to_string(id)));
    return Bytes(digest.begin(), digest.begin() + 16);
}

inline Bytes joined(std::initializer_list<ByteView> parts) {
    Bytes out;
    for (const ByteView p : parts) out.insert(out.end(), p.begin(), p.end());
    return out;
}
inline Bytes u32(std::uint64_t v) { return {static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16), static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)}; }

/// docs/SUITE.md 2.
inline Bytes mac(bool factory, unsigned key_id, std::uint8_t direction, std::uint32_t command, std::uint8_t part, ByteView freshness, ByteView fields, std::size_t size = 4) {
    Bytes message{0x01, direction};
    for (const Bytes& piece : {u32(command), Bytes{part, static_cast<std::uint8_t>(freshness.size() + fields.size())}, Bytes(freshness.begin(), freshness.end()), Bytes(fields.begin(), fields.end())})
        message.insert(message.end(), piece.begin(), piece.end());
    const Bytes k = key(factory, key_id);
    Bytes out(16);
    size_t length = 0;
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0), OSSL_PARAM_construct_end()};
    if (EVP_Q_mac(nullptr, "CMAC", nullptr, nullptr, parameters, k.data(), k.size(), message.data(), message.size(), out.data(), out.size(), &length) == nullptr) throw std::runtime_error("CMAC");
    out.resize(size);
    return out;
}

/// docs/SUITE.md 4.
inline Bytes cbc(bool seal, unsigned key_id, ByteView in) {
    const Bytes k = key(false, key_id);
    const Bytes iv(16);
    Bytes out(in.size());
    int n = 0;
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    if (EVP_CipherInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, k.data(), iv.data(), seal ? 1 : 0) != 1 || EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
        EVP_CipherUpdate(context.get(), out.data(), &n, in.data(), static_cast<int>(in.size())) != 1)
        throw std::runtime_error("CBC");
    return out;
}
inline Bytes sealed(unsigned key_id, ByteView r2, ByteView data) {
    Bytes plain = joined({r2, Bytes{0, static_cast<std::uint8_t>(data.size())}, data});
    plain.resize((plain.size() + 15) / 16 * 16);
    return cbc(true, key_id, plain);
}

inline constexpr std::uint32_t command_of(pb::OrderKind kind) {
    switch (kind) {
        case pb::OPEN_ACCOUNT: return 0x070101FF;
        case pb::RECHARGE: return 0x070102FF;
        case pb::INITIALISE_WALLET: return 0x070103FF;
        case pb::REFUND: return 0x070104FF;
        default: return 0x070105FF;
    }
}
inline Bytes customer_bcd(std::uint64_t number) {
    const auto bcd = model::CustomerNumber::from_number(number)->bcd();
    return Bytes(bcd.begin(), bcd.end());
}

/// kmpd: counts of each meter, orders by their id, MACs by the page.
class Kmpd {
public:
    explicit Kmpd(const std::string& path) : service_(path, [this](const pb::StationRequest& r) {
        auto out = answer(r);
        for (auto& reply : out.replies) reply.set_id(r.id());
        said_.insert(said_.end(), out.replies.begin(), out.replies.end());
        return out;
    }) {}
    FakeStationService& service() { return service_; }
    /// The replies, in their order. Only while nothing is asked.
    const std::vector<pb::StationReply>& said() const { return said_; }

    std::atomic<bool> status_allowed{true};
    std::atomic<int> hang_ups_after_order{0};    ///< so many next orders are charged and never answered
    std::atomic<int> refused_orders{0};          ///< so many next new orders are refused
    std::atomic<std::int64_t> charged{0};        ///< fen
    std::atomic<unsigned> orders{0};             ///< charged ones
    std::atomic<unsigned> keys_reported{0};

private:
    struct Charged {
        std::uint32_t count;
        std::string content;
        std::uint64_t charge = 0;  ///< where it stands in the log
    };
    static std::string content_of(const pb::Order& o) {
        return std::to_string(o.kind()) + "/" + std::to_string(o.meter()) + "/" + std::to_string(o.customer()) + "/" + std::to_string(o.amount_fen());
    }

    FakeStationService::Answer answer(const pb::StationRequest& r) {
        FakeStationService::Answer out;
        pb::StationReply& reply = out.replies.emplace_back();
        const auto refuse = [&](base::Code code, const std::string& why) { wire::set_failure(*reply.mutable_failure(), {code, why}); };
        const auto put = [](std::string& field, const Bytes& value) { field.assign(value.begin(), value.end()); };
        if (r.has_hello()) {
            reply.mutable_hello()->set_version(1);
            reply.mutable_hello()->set_state("open");
        }
        if (r.has_open_session()) reply.mutable_open_session()->set_ukey("U-1");
        if (r.has_authenticate()) {
            const bool factory = r.authenticate().state() == pb::FACTORY;
            auto& a = *reply.mutable_authenticate();
            const Bytes r1 = next_r1();
            const Bytes factor = factory ? hex("0000000000000001") : joined({Bytes{0, 0}, customer_bcd(r.authenticate().meter())});
            put(*a.mutable_r1(), r1);
            put(*a.mutable_factor(), factor);
            put(*a.mutable_k1(), mac(factory, 4, 0, 0x070000FF, 0, r1, factor, 8));
            a.set_key_version(factory ? 0 : 1);
        }
        if (r.has_order()) return order(r.order());
        if (r.has_check_status()) {
            const auto& c = r.check_status();
            if (!status_allowed) refuse(base::Code::denied, "operation: the grant does not allow check_status");
            else reply.mutable_check_status()->set_genuine(genuine(c));
        }
        if (r.has_check_read_back()) {
            const auto& c = r.check_read_back();
            reply.mutable_check_read_back()->set_genuine(base::as_text(mac(false, 5, 0x80, 0x078001FF, 0, base::as_bytes(c.r1()), base::as_bytes(c.data()))) == c.mac());
        }
        if (r.has_set_validity()) {
            const unsigned m = r.set_validity().minutes();
            const Bytes field{static_cast<std::uint8_t>(m / 1000 << 4 | m / 100 % 10), static_cast<std::uint8_t>(m / 10 % 10 << 4 | m % 10)};
            put(*reply.mutable_set_validity()->mutable_mac(), mac(false, 4, 0, 0x070001FF, 0, base::as_bytes(r.set_validity().r2()), field));
        }
        if (r.has_write_parameter()) {
            const auto& w = r.write_parameter();
            const Bytes r2 = base::to_bytes(base::as_bytes(w.r2()));
            const Bytes covered = w.encrypt() ? sealed(3, r2, base::as_bytes(w.data())) : base::to_bytes(base::as_bytes(w.data()));
            if (w.encrypt()) put(*reply.mutable_write_parameter()->mutable_ciphertext(), covered);
            put(*reply.mutable_write_parameter()->mutable_mac(), mac(false, 2, 0, w.di(), 0, r2, covered));
        }
        if (r.has_download_keys()) {
            const auto& d = r.download_keys();
            auto& set = *reply.mutable_download_keys();
            set.set_key_version(d.recover() ? 0 : 1);
            const unsigned total = d.keys() == 20 ? 20 : 9;
            const bool from_factory = !d.recover();
            Bytes records;
            for (unsigned id = 0; id < total; ++id) {
                const auto state = static_cast<std::uint8_t>(d.recover() ? 0 : 1);
                const Bytes cipher = Bytes(32, static_cast<std::uint8_t>(id));
                if (total == 9) {
                    auto& record = *set.add_records();
                    record.set_di(id < 2 ? 0x070201FF : id < 4 ? 0x070202FF : id == 4 ? 0x070203FF : 0x070204FF);
                    const Bytes info{state, 1, static_cast<std::uint8_t>(id), state};
                    put(*record.mutable_key_info(), info);
                    put(*record.mutable_encrypted_key(), cipher);
                    put(*record.mutable_mac(), mac(from_factory, 1, 0, record.di(), 0, base::as_bytes(d.r2()), joined({info, cipher})));
                    continue;
                }
                const Bytes record = joined({Bytes{20, state, static_cast<std::uint8_t>(id), state}, cipher});
                records.insert(records.end(), record.begin(), record.end());
                if (id % 4 != 3) continue;
                auto& frame = *set.add_frames();
                put(*frame.mutable_records(), records);
                put(*frame.mutable_mac(), mac(from_factory, 1, 0, 0x070301FF, 0, base::as_bytes(d.r2()), records));
                records.clear();
            }
        }
        if (r.has_keys_loaded()) {
            if (r.keys_loaded().done()) ++keys_reported;
            reply.mutable_keys_loaded()->mutable_receipt()->set_index(99);
        }
        return out;
    }

    FakeStationService::Answer order(const pb::Order& o) {
        FakeStationService::Answer out;
        pb::StationReply& reply = out.replies.emplace_back();
        const auto known = orders_.find(o.order_id());
        const bool fresh = known == orders_.end();
        if (fresh && refused_orders > 0) {
            --refused_orders;
            wire::set_failure(*reply.mutable_failure(), {base::Code::refused, "per_day: nothing is left"});
            return out;
        }
        if (!fresh && known->second.content != content_of(o)) {
            wire::set_failure(*reply.mutable_failure(), {base::Code::conflict, "order_id: it was made before with other content"});
            return out;
        }
        const bool wallet = o.kind() == pb::INITIALISE_WALLET;
        const std::uint32_t count = wallet ? 0 : fresh ? ++counts_[o.meter()] : known->second.count;
        if (fresh) {
            orders_[o.order_id()] = {count, content_of(o), ++events_};
            charged += o.amount_fen();
            ++orders;
        }
        if (hang_ups_after_order > 0) {
            --hang_ups_after_order;
            out.replies.clear();
            out.hang_up = true;
            return out;
        }
        const Bytes amount = u32(static_cast<std::uint64_t>(o.amount_fen()));
        const Bytes money = joined({amount, u32(count)});
        const ByteView r2 = base::as_bytes(o.r2());
        const auto command = command_of(o.kind());
        auto& answer = *reply.mutable_order();
        answer.set_order_id(o.order_id());
        answer.set_purchase_count(count);
        answer.set_repeated(!fresh);
        const std::uint64_t charge = orders_[o.order_id()].charge;
        stand(*answer.mutable_charge(), charge);
        stand(*answer.mutable_receipt(), fresh ? charge : ++events_);
        const Bytes mac1 = wallet ? mac(true, 5, 0, command, 1, r2, amount) : mac(false, 5, 0, command, 1, r2, money);
        const Bytes mac2 = wallet ? mac(true, 5, 0, command, 2, r2, joined({u32(0), amount})) : mac(false, 5, 0, command, 2, r2, joined({customer_bcd(o.customer()), money}));
        answer.set_mac1(base::to_string(mac1));
        answer.set_mac2(base::to_string(mac2));
        return out;
    }
    static bool genuine(const pb::CheckStatus& c) {
        const ByteView r1 = base::as_bytes(c.r1()), balance = base::as_bytes(c.balance());
        return base::as_text(mac(false, 5, 0x80, 0x078102FF, 1, r1, balance)) == c.balance_mac() &&
               base::as_text(mac(false, 5, 0x80, 0x078102FF, 2, r1, joined({base::as_bytes(c.count()), base::as_bytes(c.customer()), base::as_bytes(c.key_info()), balance}))) == c.count_mac();
    }
    /// The first one is the example's.
    Bytes next_r1() {
        Bytes out = hex("0102030405060708");
        out[0] = static_cast<std::uint8_t>(out[0] + drawn_);
        out[1] = static_cast<std::uint8_t>(out[1] + drawn_++ / 256);
        return out;
    }

    static void stand(pb::Receipt& receipt, std::uint64_t index) {
        receipt.set_index(index);
        receipt.set_leaf_hash(std::string(32, static_cast<char>(index)));
    }

    unsigned drawn_ = 0;
    std::uint64_t events_ = 0;  ///< of orders in the log
    std::vector<pb::StationReply> said_;
    std::map<std::string, Charged> orders_;
    std::map<std::uint64_t, std::uint32_t> counts_;
    FakeStationService service_;
};

/// What the line does to each frame, drawn from a seed. Chances in percent.
struct Noise {
    int lose_request = 0, lose_answer = 0, garble = 0, late = 0;
    int late_ms = 0;
};

/// Meters on one line.
class Meters {
public:
    struct Meter {
        bool factory = false;
        unsigned keys = 9;
        std::int64_t balance = 0;
        std::uint32_t count = 0;
        std::uint64_t customer = 0;
        std::int64_t hoarding_limit = 1'000'000'000;
        std::set<unsigned> staged;
        bool session = false;
        Bytes r1, r2;
        std::map<std::uint32_t, Bytes> registers;  ///< most significant byte first
        unsigned validity = 5;
        unsigned key_frames = 0;   ///< taken
        int dies_at_frame = 0;     ///< this key frame is staged, and then the power is gone: the session ends, nothing answers
        int expires = 0;           ///< so many next secured commands find the session ended
    };
    explicit Meters(FakeMeter::On on = FakeMeter::On::tcp, unsigned seed = 1) : random_(seed), line_(on, [this](const dlt645::Frame& f) { return react(f); }) {}

    Meter& meter(const std::string& number) { return meters_[number]; }
    const std::string& line() const { return line_.line(); }
    std::vector<dlt645::Frame> heard() const { return line_.heard(); }
    unsigned heard(std::uint32_t id) const {
        unsigned out = 0;
        for (const auto& f : line_.heard()) out += identifier(f) == id ? 1 : 0;
        return out;
    }
    void set_noise(Noise noise) { noise_ = noise; }
    /// The answers, in their order. Only while nothing is asked.
    const std::vector<Bytes>& said() const { return said_; }
    std::function<void(const dlt645::Frame&)> before;  ///< of each request, on the meter's thread

private:
    bool chance(int percent) { return percent > 0 && std::uniform_int_distribution<int>(0, 99)(random_) < percent; }

    std::vector<FakeMeter::Reaction> react(const dlt645::Frame& f) {
        if (before) before(f);
        if (chance(noise_.lose_request)) return {};
        Bytes out;
        for (auto& [number, m] : meters_) {
            if (!f.address.matches(*dlt645::Address::parse(number))) continue;
            out = obey(f, number, m);
            break;
        }
        if (out.empty() || chance(noise_.lose_answer)) return {};
        said_.push_back(out);
        if (chance(noise_.garble)) out[std::uniform_int_distribution<std::size_t>(0, out.size() - 1)(random_)] ^= static_cast<std::uint8_t>(1 + random_() % 255);
        return {{out, chance(noise_.late) ? noise_.late_ms : 0}};
    }

    static Bytes wired_fields(std::initializer_list<Bytes> fields) {
        Bytes out;
        for (const Bytes& field : fields) out.insert(out.end(), field.rbegin(), field.rend());
        return out;
    }

    Bytes obey(const dlt645::Frame& f, const std::string& number, Meter& m) {
        using dlt645::Function;
        const auto give = [&](std::initializer_list<Bytes> fields) { return answer(f, number, wired_fields(fields)); };
        const auto refuse = [&](std::uint8_t serr) { return refusal(f, number, {serr, 0}); };
        const auto refuse_plain = [&](std::uint8_t word) { return refusal(f, number, {word}); };
        if (f.control.function() == Function::read_address) return give({hex(number)});
        dlt645::PayloadReader in(f.data);
        const auto id = in.identifier();
        if (!id) return {};
        if (f.control.function() == Function::read) return read(m, number, id->value(), give, refuse_plain);
        if (f.control.function() == Function::write) return write(m, id->value(), in, give, refuse_plain);
        if (f.control.function() != Function::security || !in.in_order(4)) return refuse(0x01);
        if (id->value() == 0x070000FF) return authenticate(m, number, in, give, refuse);
        if (m.expires > 0) {
            --m.expires;
            m.session = false;
        }
        if (!m.session) return refuse(0x08);
        switch (id->value()) {
            case 0x070001FF: {
                const Bytes minutes = *in.field(2);
                if (mac(false, 4, 0, 0x070001FF, 0, m.r2, minutes) != *in.field(4)) return refuse(0x04);
                m.validity = static_cast<unsigned>(std::stoul(base::to_hex(minutes)));
                return give({});
            }
            case 0x070002FF: m.session = false; return give({customer_bcd(m.customer), u32(static_cast<std::uint32_t>(m.balance)), u32(m.count), Bytes{1, 1, 0, 1}});
            case 0x070103FF: return initialise(m, in, give, refuse);
            case 0x070101FF:
            case 0x070102FF:
            case 0x070104FF:
            case 0x070105FF: return purchase(m, id->value(), in, give, refuse);
            case 0x078102FF: return status(m, give);
            case 0x078001FF: {
                const Bytes data = joined({u32(static_cast<std::uint32_t>(m.balance)), u32(m.count)});
                if (base::to_hex(*in.field(8)) != "df01000200000008") return refuse(0x01);
                return give({data, mac(false, 5, 0x80, 0x078001FF, 0, m.r1, data)});
            }
            case 0x070301FF: return key_frame(m, in, give, refuse);
            default: return key_record(m, id->value(), in, give, refuse);
        }
    }

    template <class Give, class Refuse>
    Bytes authenticate(Meter& m, const std::string& number, dlt645::PayloadReader& in, const Give& give, const Refuse& refuse) {
        const Bytes k1 = *in.field(8), r1 = *in.field(8), factor = *in.field(8);
        if (mac(m.factory, 4, 0, 0x070000FF, 0, r1, factor, 8) != k1) return refuse(0x08);
        m.session = true;
        m.r1 = r1;
        m.r2 = hex("a1b2c3d4");  // the first one is the example's
        m.r2[3] = static_cast<std::uint8_t>(m.r2[3] + authentications_);
        m.r2[2] = static_cast<std::uint8_t>(m.r2[2] + authentications_++ / 256);
        return give({m.r2, hex("0000" + number)});
    }
    template <class Give, class Refuse>
    Bytes purchase(Meter& m, std::uint32_t command, dlt645::PayloadReader& in, const Give& give, const Refuse& refuse) {
        const std::uint32_t amount = *in.u32(), count = *in.u32();
        const Bytes mac1 = *in.field(4), customer = *in.field(6), mac2 = *in.field(4);
        const Bytes money = joined({u32(amount), u32(count)});
        if (mac(false, 5, 0, command, 1, m.r2, money) != mac1 || mac(false, 5, 0, command, 2, m.r2, joined({customer, money})) != mac2) return refuse(0x04);
        const auto whose = model::CustomerNumber::from_bcd(customer)->number();
        if (count == m.count && m.count > 0) return refuse(0x02);
        if (count != m.count + 1) return refuse(0x20);
        if (command == 0x070101FF ? m.customer != 0 : m.customer != whose) return refuse(0x10);
        const bool takes = command == 0x070104FF || command == 0x070105FF;
        if (takes && (m.balance < amount || (command == 0x070105FF && m.balance != amount))) return refuse(0x01);
        if (!takes && m.balance + amount > m.hoarding_limit) return refuse(0x40);
        m.balance += takes ? -static_cast<std::int64_t>(amount) : amount;
        m.count = count;
        m.customer = command == 0x070105FF ? 0 : whose;
        return give({});
    }
    template <class Give, class Refuse>
    Bytes initialise(Meter& m, dlt645::PayloadReader& in, const Give& give, const Refuse& refuse) {
        const Bytes amount = *in.field(4), mac1 = *in.field(4), count = *in.field(4), mac2 = *in.field(4);
        if (!m.factory) return refuse(0x01);
        if (mac(true, 5, 0, 0x070103FF, 1, m.r2, amount) != mac1 || mac(true, 5, 0, 0x070103FF, 2, m.r2, joined({count, amount})) != mac2) return refuse(0x04);
        m.balance = static_cast<std::int64_t>(amount[0]) << 24 | amount[1] << 16 | amount[2] << 8 | amount[3];
        m.count = 0;
        return give({});
    }
    template <class Give>
    Bytes status(Meter& m, const Give& give) {
        const Bytes balance = u32(static_cast<std::uint32_t>(m.balance)), count = u32(m.count), customer = customer_bcd(m.customer), info{1, 1, 0, 1};
        return give({balance, mac(false, 5, 0x80, 0x078102FF, 1, m.r1, balance), count, mac(false, 5, 0x80, 0x078102FF, 2, m.r1, joined({count, customer, info, balance})), customer, info});
    }
    /// A key was taken; `id` and all before it may be staged by now. True: the power is still on.
    bool stage(Meter& m, unsigned id) {
        m.staged.insert(id);
        if (m.staged.size() < m.keys) return true;
        m.factory = !m.factory;
        m.staged.clear();
        m.session = false;
        return true;
    }
    bool power_fails(Meter& m) {
        if (m.dies_at_frame == 0 || static_cast<int>(++m.key_frames) != m.dies_at_frame) return false;
        m.dies_at_frame = 0;
        m.session = false;
        return true;
    }
    template <class Give, class Refuse>
    Bytes key_frame(Meter& m, dlt645::PayloadReader& in, const Give& give, const Refuse& refuse) {
        if (m.keys != 20) return refuse(0x01);
        Bytes records;
        std::vector<unsigned> ids;
        while (in.left() > 4) {
            const Bytes record = *in.field(36);
            if (record[0] != 20) return refuse(0x01);
            ids.push_back(record[2]);
            records.insert(records.end(), record.begin(), record.end());
        }
        if (mac(m.factory, 1, 0, 0x070301FF, 0, m.r2, records) != *in.field(4)) return refuse(0x04);
        for (const unsigned id : ids) stage(m, id);
        return power_fails(m) ? Bytes() : give({});
    }
    template <class Give, class Refuse>
    Bytes key_record(Meter& m, std::uint32_t command, dlt645::PayloadReader& in, const Give& give, const Refuse& refuse) {
        const auto sum = in.field(4), info = in.field(4), cipher = in.field(32);
        if (!cipher || m.keys != 9) return refuse(0x01);
        if (mac(m.factory, 1, 0, command, 0, m.r2, joined({*info, *cipher})) != *sum) return refuse(0x04);
        stage(m, (*info)[2]);
        return power_fails(m) ? Bytes() : give({});
    }
    template <class Give, class Refuse>
    Bytes read(Meter& m, const std::string& number, std::uint32_t id, const Give& give, const Refuse& refuse) {
        if (id == 0x04000401) return give({hex(number)});
        if (id == 0x04000208) return give({Bytes{static_cast<std::uint8_t>(m.keys == 20 ? 0x20 : 0x09)}});
        const auto at = m.registers.find(id);
        return at == m.registers.end() ? refuse(0x02) : give({at->second});
    }
    template <class Give, class Refuse>
    Bytes write(Meter& m, std::uint32_t id, dlt645::PayloadReader& in, const Give& give, const Refuse& refuse) {
        const auto access = in.in_order(8);
        if (m.expires > 0) {
            --m.expires;
            m.session = false;
        }
        if (!access || in.left() < 5 || !m.session) return refuse(0x04);
        const bool encrypted = (*access)[0] == 0x98;
        Bytes covered = *in.field(in.left() - 4);
        if (mac(false, 2, 0, id, 0, m.r2, covered) != *in.field(4)) return refuse(0x04);
        if (encrypted) {
            const Bytes plain = cbc(false, 3, covered);
            if (Bytes(plain.begin(), plain.begin() + 4) != m.r2) return refuse(0x01);
            covered.assign(plain.begin() + 6, plain.begin() + 6 + plain[5]);
        }
        m.registers[id] = covered;
        return give({});
    }

    std::map<std::string, Meter> meters_;
    std::mt19937 random_;
    Noise noise_;
    std::vector<Bytes> said_;
    unsigned authentications_ = 0;
    FakeMeter line_;
};

}  // namespace tests::suite
