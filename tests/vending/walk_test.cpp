#include "tests/vending/suite_station.h"
#include "wire/frame.h"

namespace pb = wire::pb;

namespace {

class walk : public tests::suite_station {};

template <class Message>
std::string framed(const Message& message) {
    base::Bytes out;
    if (!wire::append_frame(out, message)) throw std::runtime_error("frame");
    return base::to_hex(out);
}

/// The hex digits of the page's lines that begin with `mark`; a line that begins with more space goes on with the one before.
std::vector<std::string> lines_of(const std::string& page, const std::string& mark) {
    std::vector<std::string> out;
    bool open = false;
    std::istringstream in(page);
    for (std::string line; std::getline(in, line);) {
        const bool begins = line.starts_with("    " + mark + " ");
        const bool goes_on = open && line.starts_with("            ");
        open = begins || goes_on;
        if (begins) out.emplace_back();
        if (!open) continue;
        for (std::size_t i = begins ? 4 + mark.size() : 0; i < line.size(); ++i)
            if (std::isxdigit(static_cast<unsigned char>(line[i])) != 0) out.back() += line[i];
    }
    return out;
}

}  // namespace

/// docs/VENDING.md walks through one recharge: every byte of it is what the station sends and hears.
TEST_F(walk, of_the_page_is_what_goes_over_the_socket_and_the_line) {
    const std::string page = tests::slurp(KMP_SOURCE_DIR "/docs/VENDING.md");
    wallet().customer = 654321;
    const auto id = base::Uuid::parse("019a9f2c-7c00-7001-8002-000000000003");
    ASSERT_TRUE(id);
    vending::Dialogue meter(*line_, *model::MeterNumber::parse(tests::kExampleMeter));
    const auto done = vending::purchase(*platform_, meter, {pb::RECHARGE, *id, *model::CustomerNumber::from_number(654321), model::Fen(10000)});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(vending::query_status(*platform_, meter));

    std::vector<std::string> asked, replied, sent, heard;
    for (const auto& r : kmpd_.service().requests()) asked.push_back(framed(r));
    for (const auto& r : kmpd_.said()) replied.push_back(framed(r));
    for (const auto& f : meters_.heard()) sent.push_back(base::to_hex(*meter::dlt645::encode(f, 0)));
    for (const auto& answer : meters_.said()) heard.push_back(base::to_hex(*meter::dlt645::encode(*meter::dlt645::decode(answer), 0)));
    ASSERT_EQ(asked.size(), 4u);
    EXPECT_EQ(lines_of(page, "kmpd >"), asked);
    EXPECT_EQ(lines_of(page, "kmpd <"), replied);
    EXPECT_EQ(lines_of(page, "line >"), sent);
    EXPECT_EQ(lines_of(page, "line <"), heard);
}
