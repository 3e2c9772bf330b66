// A vending station in C++: recharges one meter over TCP or a serial line. docs/STATION.md explains it step by step; `station --help` says how to call it, and takes the same words as station.py.
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>
#include <string_view>

#include <kmp/base/fd.h>
#include <kmp/base/ids.h>
#include <kmp/model/fen.h>
#include <kmp/wire/pin_source.h>
#include <kmp/wire/station.h>

namespace pb = kmp::v1;
using base::Code;

namespace {

constexpr std::uint32_t kAuthentication = 0x070000FF, kOpenAccount = 0x070101FF, kRecharge = 0x070102FF, kStatusQuery = 0x078102FF;
constexpr std::int64_t kRepeatedRecharge = 0x02;  // of SERR, why a meter refuses (docs/METERS.md)

template <class Integer>
std::string big_endian(Integer number, int size) {
    std::string out;
    for (int i = size - 1; i >= 0; --i) out.push_back(static_cast<char>(number >> (8 * i)));
    return out;
}

std::int64_t number_of(const std::string& field) {
    std::uint32_t out = 0;
    for (const char c : field) out = out << 8 | static_cast<std::uint8_t>(c);
    return static_cast<std::int32_t>(out);  // a balance may be below zero
}

std::string digits(std::uint64_t number) {
    const std::string text = std::to_string(number);
    return std::string(12 - std::min<std::size_t>(12, text.size()), '0') + text;
}

std::string bcd(std::uint64_t number) { return base::to_string(*base::from_hex(digits(number))); }

// tcp:HOST:PORT, or serial:DEVICE.
base::Result<base::Fd> open_line(const std::string& name) {
    const std::size_t colon = name.rfind(':');
    if (name.starts_with("serial:")) {
        base::Fd fd(open(name.c_str() + 7, O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios settings{};
        if (!fd || tcgetattr(fd.get(), &settings) != 0) return base::errno_error("cannot open " + name, errno);
        cfmakeraw(&settings);  // every byte as it is
        settings.c_cflag = CS8 | PARENB | CREAD | CLOCAL;  // even parity
        cfsetspeed(&settings, B2400);
        if (tcsetattr(fd.get(), TCSANOW, &settings) != 0) return base::errno_error("cannot set " + name, errno);
        return fd;
    }
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (!name.starts_with("tcp:") || colon < 5 || getaddrinfo(name.substr(4, colon - 4).c_str(), name.c_str() + colon + 1, &hints, &found) != 0)
        return {Code::invalid_argument, "--line takes tcp:HOST:PORT or serial:DEVICE"};
    base::Fd fd(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const bool connected = fd && connect(fd.get(), found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    if (!connected) return base::errno_error("nothing answers at " + name, errno);
    return fd;
}

// One meter on a DL/T 645-2007 line. Fields are most significant byte first here, and turned round on the line, where each byte also has 33H added.
class Meter {
public:
    Meter(base::Fd line, std::uint64_t number) : fd_(std::move(line)), number_(number), address_(turned(bcd(number))) {}
    std::uint64_t number() const { return number_; }

    // Control code 03H: data identifier, operator code, fields. Gives the answer's data behind the identifier.
    // refused: the meter says no, `raw` is SERR; timeout: no answer, the meter may have heard it or not
    base::Result<std::string> secure(std::uint32_t command, const std::vector<std::string>& fields) {
        const std::string identifier = turned(big_endian(command, 4));
        std::string data = identifier + std::string(4, '\0');
        for (const auto& field : fields) data += turned(field);
        std::string frame = "\x68" + address_ + "\x68\x03" + big_endian(data.size(), 1);
        for (const char c : data) frame.push_back(static_cast<char>(c + 0x33));
        frame += big_endian(sum(frame), 1) + "\x16";
        if (write(fd_.get(), frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) return base::errno_error("cannot write to the line", errno);
        for (;;) {
            KMP_TRY(const std::string answer, hear());
            const auto control = static_cast<std::uint8_t>(answer[0]);
            if (control == 0xC3) {
                const auto serr = number_of(turned(answer.substr(1)));
                return {Code::refused, "the meter says no, SERR " + std::to_string(serr), serr};
            }
            if (control == 0x83 && answer.substr(1, 4) == identifier) return answer.substr(5);
        }
    }

private:
    static std::string turned(std::string field) {
        std::ranges::reverse(field);
        return field;
    }
    static std::uint8_t sum(const std::string& bytes) { return std::accumulate(bytes.begin(), bytes.end(), std::uint8_t{0}, [](std::uint8_t s, char c) { return static_cast<std::uint8_t>(s + static_cast<std::uint8_t>(c)); }); }

    // The next frame of this meter: control code and data. What does not add up is passed over.
    base::Result<std::string> hear() {
        for (;;) {
            KMP_TRY(const std::string start, read(1));
            if (start != "\x68") continue;
            KMP_TRY(const std::string head, read(9));
            KMP_TRY(std::string data, read(static_cast<std::uint8_t>(head[8])));
            KMP_TRY(const std::string end, read(2));
            if (head.substr(0, 6) != address_ || head[6] != 0x68 || end != big_endian(sum(start + head + data), 1) + "\x16") continue;
            for (char& c : data) c = static_cast<char>(c - 0x33);
            return head.substr(7, 1) + data;
        }
    }
    base::Result<std::string> read(std::size_t count) {
        std::string out(count, '\0');
        for (std::size_t have = 0; have < count;) {
            pollfd p{fd_.get(), POLLIN, 0};
            if (poll(&p, 1, 3000) == 0) return {Code::timeout, "the meter does not answer"};
            const ssize_t n = ::read(fd_.get(), out.data() + have, count - have);
            if (n <= 0) return {Code::timeout, "the line is closed"};
            have += static_cast<std::size_t>(n);
        }
        return out;
    }

    base::Fd fd_;
    std::uint64_t number_;
    std::string address_;
};

struct Proved {
    std::string r1, r2;  // everything that follows is made under these
};

// Platform and meter prove themselves to each other.
base::Result<Proved> authenticate(wire::Station& station, Meter& meter) {
    KMP_TRY(const pb::AuthenticateReply proof, station.ask(wire::to_authenticate(meter.number())));
    KMP_TRY(std::string answer, meter.secure(kAuthentication, {proof.k1(), proof.r1(), proof.factor()}));
    if (answer.size() < 4) return {Code::malformed, "the meter gave no R2"};
    return Proved{proof.r1(), std::string(answer.rend() - 4, answer.rend())};
}

// One order, from kmpd into the meter. Where the meter's answer is lost the same order goes out again, under a new authentication: kmpd charges it once, the meter takes it once.
base::Result<pb::OrderReply> credit(wire::Station& station, Meter& meter, pb::Order order) {
    for (int i = 0; i < 3; ++i) {
        auto proved = authenticate(station, meter);
        if (!proved && proved.error().code == Code::timeout) continue;
        if (!proved) return std::move(proved).error();
        order.set_r2(proved->r2);
        KMP_TRY(const pb::OrderReply answer, station.ask(order));
        const auto taken = meter.secure(order.kind() == pb::OPEN_ACCOUNT ? kOpenAccount : kRecharge, {big_endian(order.amount_fen(), 4), big_endian(answer.purchase_count(), 4),
                                                                                                     answer.mac1(), bcd(order.customer()), answer.mac2()});
        // "Repeated recharge": it had taken it the first time.
        if (taken || (taken.error().code == Code::refused && (taken.error().raw & kRepeatedRecharge) != 0)) return answer;
        if (taken.error().code != Code::timeout) return taken.error();
        std::cerr << "The meter's answer is lost; asking again for order " << wire::order_text(order) << "\n";
    }
    return {Code::outcome_unknown, "the meter stays silent; it may have been credited: carry the order on with --order " + wire::order_text(order)};
}

// Asks the meter for its wallet, and kmpd whether what it says is genuine.
base::Status show_status(wire::Station& station, Meter& meter) {
    KMP_TRY(const Proved proved, authenticate(station, meter));
    KMP_TRY(const std::string said, meter.secure(kStatusQuery, {}));
    if (said.size() != 26) return {Code::malformed, "the meter's status has another size"};
    const auto field = [&](std::size_t at, std::size_t size) { return std::string(said.rbegin() + static_cast<std::ptrdiff_t>(26 - at - size), said.rbegin() + static_cast<std::ptrdiff_t>(26 - at)); };
    pb::CheckStatus check;
    check.set_meter(meter.number());
    check.set_r1(proved.r1);
    check.set_balance(field(0, 4));
    check.set_balance_mac(field(4, 4));
    check.set_count(field(8, 4));
    check.set_count_mac(field(12, 4));
    check.set_customer(field(16, 6));
    check.set_key_info(field(22, 4));
    KMP_TRY(const pb::CheckStatusReply checked, station.ask(check));
    if (!checked.genuine()) return {Code::tampered, "the status of meter " + digits(meter.number()) + " is not genuine: somebody else answered"};
    const std::int64_t balance = number_of(check.balance());
    std::cout << "Meter " << digits(meter.number()) << ": balance " << (balance < 0 ? "-" : "") << model::Fen(std::abs(balance)).yuan() << " yuan, purchase count " << number_of(check.count()) << " of "
              << checked.known_count() << "; genuine.\n";
    return {};
}

// The order stands on the disk before kmpd hears of it: after a crash it is known what to ask for again.
base::Status write_down(const std::string& journal, const pb::Order& order) {
    std::ostringstream line;
    line << wire::order_text(order) << " " << pb::OrderKind_Name(order.kind()) << " " << digits(order.meter()) << " " << digits(order.customer()) << " " << order.amount_fen() << "\n";
    const std::string text = line.str();
    const base::Fd file(open(journal.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || fsync(file.get()) != 0)
        return base::errno_error("cannot write the journal " + journal, errno);
    return {};
}

// An order of the journal, word for word.
base::Result<pb::Order> carry_on(const std::string& journal, const std::string& wanted) {
    std::ifstream file(journal);
    std::string id, kind_name;
    std::uint64_t meter = 0, customer = 0;
    std::int64_t fen = 0;
    while (file >> id >> kind_name >> meter >> customer >> fen) {
        pb::OrderKind kind{};
        if (id != wanted || !pb::OrderKind_Parse(kind_name, &kind)) continue;
        KMP_TRY(const base::Uuid uuid, base::Uuid::parse(id));
        pb::Order order = wire::new_order(kind, meter, customer, fen);
        order.set_order_id(uuid.raw().data(), uuid.raw().size());
        return order;
    }
    return {Code::not_found, "order " + wanted + " does not stand in " + journal};
}

constexpr std::string_view kHelp = R"(A vending station: recharges one meter.

  station --socket /run/kmp/kmp.sock --line tcp:192.0.2.7:4001 --meter 202611220001 --customer 42 --amount 50
  station --connect machine.example:7450 --trust anchor.pem --account shop-7 --line ..        from afar; asks for the account's password
  station --socket .. --ukey US-3PKXVCGC --connect .. --trust .. --account shop-8 --line ..   from afar, proved by the UKEY that is plugged in here
  station --socket .. --line .. --order ID                                                    carries an order of the journal on after a crash

The PIN or password is asked for, or read from a descriptor: --pin-fd ukey=3 3<file. Every order is written to the journal before kmpd is asked.

  --socket PATH        kmpd's kmp.sock
  --connect HOST:PORT  the network encryption machine, with --trust and --account
  --trust FILE         PEM file with the platform's anchor
  --account NAME       network account
  --ukey SERIAL        of the user UKEY; the only one where there is one
  --pin-fd ROLE=N      descriptor to read from: ukey=N the UKEY's PIN, account=N the account's password
  --line LINE          tcp:HOST:PORT, or serial:DEVICE (2400 baud, even parity)
  --meter NUMBER
  --customer NUMBER
  --amount YUAN
  --open               opens the customer's account
  --order ID           carries an order of the journal on
  --journal FILE       orders.txt
  --help
)";

using Words = std::map<std::string, std::string>;

// What makes these words none to sell by; empty: nothing.
std::string complaint(const Words& words) {
    const auto all = [&](std::initializer_list<const char*> names) { return std::ranges::all_of(names, [&](const char* name) { return words.contains(name); }); };
    if (!words.contains("--line") || !(words.contains("--order") || all({"--meter", "--customer", "--amount"}))) return "give --line and --meter, --customer, --amount (or --order)";
    const bool any_afar = words.contains("--connect") || words.contains("--trust") || words.contains("--account");
    if (any_afar ? !all({"--connect", "--trust", "--account"}) : !words.contains("--socket")) return "give --socket, or --connect with --trust and --account, or all of them";
    return {};
}

base::Result<std::uint64_t> number_at(const Words& words, const std::string& name) {
    const auto it = words.find(name);
    std::uint64_t out = 0;
    if (it == words.end() || std::from_chars(it->second.data(), it->second.data() + it->second.size(), out).ptr != it->second.data() + it->second.size() || out == 0 || out > 999'999'999'999)
        return {Code::invalid_argument, name + " takes a number of 12 digits"};
    return out;
}

base::Result<pb::Order> order_of(Words& words, const std::string& journal) {
    if (words.contains("--order")) return carry_on(journal, words["--order"]);
    KMP_TRY(const std::uint64_t meter, number_at(words, "--meter"));
    KMP_TRY(const std::uint64_t customer, number_at(words, "--customer"));
    KMP_TRY(const model::Fen amount, model::Fen::parse_yuan(words["--amount"]));
    return wire::new_order(words.contains("--open") ? pb::OPEN_ACCOUNT : pb::RECHARGE, meter, customer, amount.value());
}

base::Status sell(Words words) {
    const std::string journal = words.contains("--journal") ? words["--journal"] : "orders.txt";
    const std::string account = words["--account"];
    KMP_TRY(auto pins, wire::PinSource::parse(words.contains("--pin-fd") ? std::vector{words["--pin-fd"]} : std::vector<std::string>{}, {"ukey", "account"}));
    const bool by_ukey = words.contains("--socket");
    KMP_TRY(base::Secret pin, pins.get(by_ukey ? "ukey" : "account", by_ukey ? "PIN of the UKEY" : "Password of account " + account, wire::PinSource::Use::existing));
    wire::Login login{.ukey = words["--ukey"], .kind = by_ukey ? "user" : "", .account = account, .pin = std::move(pin)};
    wire::Habits habits{.program = "examples/station.cpp", .tell = [](const std::string& line) { std::cerr << line << "\n"; }};
    KMP_TRY(auto station, wire::Station::open({.socket = words["--socket"], .machine = words["--connect"], .trust = words["--trust"]}, std::move(login), std::move(habits)));
    std::cout << "Session with UKEY " << station.session().ukey() << " of " << station.session().holder() << ", station " << station.session().station() << ".\n";

    KMP_TRY(const pb::Order order, order_of(words, journal));
    KMP_TRY(base::Fd line, open_line(words["--line"]));
    Meter meter(std::move(line), order.meter());
    KMP_CHECK(show_status(station, meter));  // also tells kmpd what the meter has taken by card meanwhile: until it knows, it sells nothing more to this meter
    if (!words.contains("--order")) KMP_CHECK(write_down(journal, order));
    KMP_TRY(const pb::OrderReply answer, credit(station, meter, order));
    std::cout << model::Fen(order.amount_fen()).yuan() << " yuan for meter " << digits(order.meter()) << ", purchase count " << answer.purchase_count() << (answer.repeated() ? ", answered before" : "")
              << "; order " << wire::order_text(order) << ", receipt " << answer.charge().index() << " " << base::to_hex(base::as_bytes(answer.charge().leaf_hash())) << "\n";
    return show_status(station, meter);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    Words words;
    const auto wrong = [](const std::string& what) {
        std::cerr << "station: " << what << "; station --help tells all of it\n";
        return 2;
    };
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--help") {
            std::cout << kHelp;
            return 0;
        }
        if (!name.starts_with("--") || kHelp.find("\n  " + name + " ") == std::string_view::npos) return wrong("there is no " + name);
        const bool flag = name == "--open";
        if (!flag && i + 1 == argc) return wrong(name + " takes a value");
        words[name] = flag ? "" : argv[++i];
    }
    if (const std::string what = complaint(words); !what.empty()) return wrong(what);
    if (const auto done = sell(std::move(words)); !done) {
        std::cerr << "station: " << base::name(done.error().code) << ": " << done.error().message << "\n";
        return 1;
    }
    return 0;
}
