#include "tokens/readers.h"

#include <gtest/gtest.h>

#include "tests/tokens/fixture.h"
#include "tokens/ukey_file.h"

namespace {

using namespace tokens_test;
namespace fs = std::filesystem;
using Kind = tokens::ReaderEvent::Kind;

struct readers : testing::Test {
    readers() { fs::create_directory(folder.path("readers")); }
    std::string at(const std::string& name) const { return folder.path("readers/" + name); }
    /// "inserted A, removed B"
    std::string poll() {
        auto events = watch.poll();
        if (!events) return events.error().message;
        std::string out;
        for (const auto& e : *events) {
            static constexpr const char* kNames[] = {"inserted ", "removed ", "empty ", "broken ", "gone "};
            out += (out.empty() ? "" : ", ") + std::string(kNames[static_cast<int>(e.kind)]) + e.state.reader.name;
        }
        return out;
    }
    std::string problem_of(const std::string& content) {
        write_text(at("x.toml"), content);
        auto states = tokens::look_at_readers(folder.path("readers"));
        return states && states->size() == 1 ? states->at(0).problem : "?";
    }
    TemporaryFolder folder;
    tokens::Readers watch{folder.path("readers")};
};

TEST_F(readers, that_have_no_folder_are_none) {
    fs::remove_all(folder.path("readers"));
    EXPECT_EQ(poll(), "");
}

TEST_F(readers, see_a_folder_come_and_go) {
    EXPECT_EQ(poll(), "");
    fs::create_directory(at("A"));
    EXPECT_EQ(poll(), "inserted A");
    EXPECT_EQ(poll(), "");
    write_text(at("A/inside"), "x");
    EXPECT_EQ(poll(), "") << "work inside is no pull";
    fs::rename(at("A"), folder.path("away"));
    EXPECT_EQ(poll(), "removed A, gone A");
}

TEST_F(readers, see_a_swapped_folder_as_pulled_and_inserted) {
    fs::create_directory(at("A"));
    EXPECT_EQ(poll(), "inserted A");
    fs::create_directory(folder.path("other"));
    fs::rename(at("A"), folder.path("away"));
    fs::rename(folder.path("other"), at("A"));
    EXPECT_EQ(poll(), "removed A, inserted A");
}

TEST_F(readers, follow_a_link_to_a_stick) {
    fs::create_symlink(folder.path("stick"), at("A"));
    EXPECT_EQ(poll(), "empty A");
    fs::create_directory(folder.path("stick"));
    EXPECT_EQ(poll(), "inserted A");
    fs::remove(folder.path("stick"));
    EXPECT_EQ(poll(), "removed A, empty A");
    fs::remove(at("A"));
    EXPECT_EQ(poll(), "gone A");
}

TEST_F(readers, configured_by_a_file_watch_its_path) {
    write_text(at("usb.toml"), "kind = \"softhsm\"\npath = \"../stick\"\n");
    EXPECT_EQ(poll(), "empty usb");
    fs::create_directory(folder.path("stick"));
    EXPECT_EQ(poll(), "inserted usb");
    const auto states = tokens::look_at_readers(folder.path("readers"));
    ASSERT_TRUE(states);
    EXPECT_EQ(states->at(0).reader.path, folder.path("stick"));
    fs::remove(folder.path("stick"));
    EXPECT_EQ(poll(), "removed usb, empty usb");
}

TEST_F(readers, for_a_module_are_there_with_it) {
    write_text(folder.path("module.so"), "");
    write_text(at("hw.toml"), "kind = \"pkcs11\"\nmodule = \"" + folder.path("module.so") + "\"\ntoken_serial = \"123\"\n");
    EXPECT_EQ(poll(), "inserted hw");
    const auto states = tokens::look_at_readers(folder.path("readers"));
    EXPECT_EQ(states->at(0).reader.token_serial, "123");
    fs::remove(folder.path("module.so"));
    EXPECT_EQ(poll(), "removed hw, broken hw");
}

TEST_F(readers, for_a_module_with_its_token_in_a_folder_follow_the_folder) {
    write_text(folder.path("module.so"), "");
    write_text(at("nss.toml"), "kind = \"pkcs11\"\nmodule = \"../module.so\"\npath = \"../stick\"\nparameters = \"configDir='sql:{path}'\"\nfactory_so_pin = \"8765\"\n");
    EXPECT_EQ(poll(), "empty nss");
    fs::create_directory(folder.path("stick"));
    EXPECT_EQ(poll(), "inserted nss");
    const auto states = tokens::look_at_readers(folder.path("readers"));
    EXPECT_EQ(states->at(0).reader.path, folder.path("stick"));
    EXPECT_EQ(states->at(0).reader.parameters, "configDir='sql:{path}'");
    EXPECT_EQ(states->at(0).reader.factory_so_pin, "8765");
    fs::remove(folder.path("stick"));
    EXPECT_EQ(poll(), "removed nss, empty nss");
    fs::remove(folder.path("module.so"));
    EXPECT_EQ(poll(), "broken nss");
}

TEST_F(readers, name_what_is_wrong_with_an_entry) {
    EXPECT_NE(problem_of("kind = ").find("x.toml': line 1"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"floppy\"").find("it needs kind"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"softhsm\"").find("needs path"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"softhsm\"\npath = 5").find("needs path"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"pkcs11\"").find("needs module"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"pkcs11\"\nmodule = \"/m.so\"\nparameters = \"sql:{path}\"").find("has no path"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"softhsm\"\npath = \"/x\"\nparameters = \"y\"").find("kind and path only"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"pkcs11\"\nmodule = \"/m.so\"\nslot = 1").find("'slot' is unknown"), std::string::npos);
    EXPECT_NE(problem_of("kind = \"pkcs11\"\nmodule = \"/nonexistent/m.so\"").find("no module /nonexistent/m.so"), std::string::npos);
}

TEST_F(readers, with_an_unusable_name_or_type_are_broken) {
    fs::create_directory(at("a b"));
    write_text(at("note"), "");
    fs::create_directory(at(".hidden"));
    EXPECT_EQ(poll(), "broken a b, broken note");
}

TEST_F(readers, of_one_name_twice_are_both_refused) {
    fs::create_directory(at("A"));
    write_text(at("A.toml"), "kind = \"softhsm\"\npath = \"/nonexistent\"\n");
    EXPECT_EQ(poll(), "broken A");
}

struct ukey_file : testing::Test {
    base::Result<tokens::UkeyFile> read(const std::string& text) {
        write_text(folder.path("ukey.toml"), text);
        return tokens::read_ukey_file(folder.path());
    }
    TemporaryFolder folder;
};

TEST_F(ukey_file, reads_what_a_person_may_have_written) {
    const auto file = read("# user UKEY\nserial = \"U-1\"\nkind = 'user'\nsalt = \"000102030405060708090a0b0c0d0e0F\"\nhome_platform = \"P-1\"\n");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->serial.text(), "U-1");
    EXPECT_EQ(file->kind, model::UkeyKind::user);
    EXPECT_EQ(file->salt[15], 15);
    EXPECT_EQ(file->home_platform.text(), "P-1");
}

TEST_F(ukey_file, comes_back_as_it_was_written) {
    tokens::UkeyFile file;
    file.serial = *base::UkeySerial::parse("M-1");
    file.kind = model::UkeyKind::master_control;
    file.salt.fill(7);
    ASSERT_TRUE(tokens::write_ukey_file(folder.path(), file));
    EXPECT_EQ(*tokens::read_ukey_file(folder.path()), file);
    file.home_platform = *base::UkeySerial::parse("P-1");
    ASSERT_TRUE(tokens::write_ukey_file(folder.path(), file));
    EXPECT_EQ(*tokens::read_ukey_file(folder.path()), file);
}

TEST_F(ukey_file, that_is_missing_is_not_found) { EXPECT_EQ(tokens::read_ukey_file(folder.path()).error().code, base::Code::not_found); }

TEST_F(ukey_file, that_is_broken_names_the_entry) {
    const std::string salt = "salt = \"00000000000000000000000000000000\"\n";
    const auto problem = [&](const std::string& text) {
        const auto file = read(text);
        return file ? "" : std::string(base::name(file.error().code)) + " " + file.error().message;
    };
    EXPECT_NE(problem("serial = ").find("malformed"), std::string::npos);
    EXPECT_NE(problem("kind = \"user\"\n" + salt).find("'serial'"), std::string::npos);
    EXPECT_NE(problem("serial = \"a/b\"\nkind = \"user\"\n" + salt).find("UKEY serial"), std::string::npos);
    EXPECT_NE(problem("serial = \"U\"\nkind = \"boss\"\n" + salt).find("'boss'"), std::string::npos);
    EXPECT_NE(problem("serial = \"U\"\nkind = \"user\"\nsalt = \"00\"\n").find("'salt'"), std::string::npos);
    EXPECT_NE(problem("serial = \"U\"\nkind = \"user\"\npin = \"1\"\n" + salt).find("'pin' is unknown"), std::string::npos);
}

}  // namespace
