#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "base/secret.h"
#include "tests/store/temporary_folder.h"

using base::Code;
using base::Fd;
using base::Secret;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>, "a secret is never copied by accident");
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!std::is_copy_constructible_v<Fd>);

namespace {
std::string text(const Secret& secret) {
    return secret.reveal([](base::ByteView bytes) { return base::to_string(bytes); });
}
bool is_open(int fd) { return fcntl(fd, F_GETFD) != -1; }
}  // namespace

TEST(secret, takes_over_and_wipes_its_source) {
    base::Bytes bytes{'p', 'i', 'n'};
    EXPECT_EQ(text(Secret::consume(bytes)), "pin");
    EXPECT_EQ(bytes, base::Bytes(3));
    std::string chars = "1234";
    EXPECT_EQ(text(Secret::consume(std::span<char>(chars))), "1234");
    EXPECT_EQ(chars, std::string(4, '\0'));
}

TEST(secret, is_empty_after_a_move) {
    Secret a = Secret::copy_of(base::as_bytes("one"));
    Secret b = std::move(a);
    EXPECT_TRUE(a.empty());  // NOLINT: that is what is tested
    EXPECT_EQ(text(b), "one");
    Secret c = Secret::copy_of(base::as_bytes("two"));
    c = std::move(b);
    EXPECT_EQ(text(c), "one");
    EXPECT_TRUE(b.empty());  // NOLINT
}

TEST(secret, is_gone_when_wiped) {
    Secret a = Secret::copy_of(base::as_bytes("one"));
    const void* where = a.reveal([](base::ByteView bytes) { return static_cast<const void*>(bytes.data()); });
    a.wipe();
    EXPECT_TRUE(a.empty());
    a.wipe();
    // Its pages are unmapped: msync answers ENOMEM for those.
    EXPECT_EQ(msync(const_cast<void*>(where), 1, MS_ASYNC), -1);
}

TEST(secret, wipes_what_shrinking_cuts_off) {
    Secret a = Secret::copy_of(base::as_bytes("abcdef"));
    const std::uint8_t* where = a.reveal([](base::ByteView bytes) { return bytes.data(); });
    a.shrink(2);
    EXPECT_EQ(text(a), "ab");
    EXPECT_EQ(where[2], 0);
    EXPECT_EQ(where[5], 0);
    a.shrink(9);
    EXPECT_EQ(a.size(), 2u) << "it does not grow";
}

TEST(secret, is_not_there_after_a_fork) {
    const Secret a = Secret::copy_of(base::as_bytes("abc"));
    const std::uint8_t* where = a.reveal([](base::ByteView bytes) { return bytes.data(); });
    const pid_t child = fork();
    if (child == 0) _exit(msync(const_cast<std::uint8_t*>(where), 1, MS_ASYNC) == -1 ? 0 : 1);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(secret, random_differs_and_duplicates_agree) {
    const Secret a = Secret::random(32);
    EXPECT_EQ(a.size(), 32u);
    EXPECT_FALSE(a.equals(Secret::random(32)));
    EXPECT_TRUE(a.equals(a.duplicate()));
    EXPECT_FALSE(a.equals(Secret::copy_of(base::as_bytes("short"))));
    EXPECT_TRUE(Secret().equals(Secret(0)));
}

TEST(secret, fill_changes_the_bytes) {
    Secret a(3);
    EXPECT_EQ(text(a), std::string(3, '\0'));
    a.fill([](std::span<std::uint8_t> out) { std::fill(out.begin(), out.end(), 'z'); });
    EXPECT_EQ(text(a), "zzz");
}

TEST(secret, wiping_text_empties_it) {
    std::string t = "password";
    const char* where = t.data();
    base::wipe(t);
    EXPECT_TRUE(t.empty());
    EXPECT_EQ(where[0], 0);
}

TEST(fd, closes_when_it_goes_and_moves) {
    auto pair = base::socket_pair();
    ASSERT_TRUE(pair);
    const int number = pair->first.get();
    EXPECT_NE(fcntl(number, F_GETFD) & FD_CLOEXEC, 0);
    {
        const Fd moved = std::move(pair->first);
        EXPECT_FALSE(pair->first);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
    const int kept = pair->second.release();
    EXPECT_TRUE(is_open(kept));
    close(kept);
}

TEST(file, is_written_whole_with_its_permissions_and_read_back) {
    TemporaryFolder folder;
    const std::string path = folder.file("f");
    ASSERT_TRUE(base::write_file_atomically(path, base::as_bytes("first"), 0600));
    ASSERT_TRUE(base::write_file_atomically(path, base::as_bytes("second"), 0640));
    EXPECT_EQ(base::to_string(*base::read_file(path, 6)), "second");
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0640u);
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
    ASSERT_TRUE(base::write_file_atomically(path, {}, 0600));
    EXPECT_EQ(base::read_file(path, 0)->size(), 0u);
}

TEST(file, that_is_missing_or_too_large_is_refused) {
    TemporaryFolder folder;
    EXPECT_EQ(base::read_file(folder.file("none"), 10).error().code, Code::not_found);
    ASSERT_TRUE(base::write_file_atomically(folder.file("f"), base::Bytes(100'000, 1), 0600));
    EXPECT_EQ(base::read_file(folder.file("f"), 99'999).error().code, Code::malformed);
    EXPECT_EQ(base::read_file(folder.file("f"), 100'000)->size(), 100'000u);
    EXPECT_EQ(base::read_file(folder.file(""), 10).error().code, Code::io_failed) << "a folder";
    ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);
    EXPECT_EQ(base::read_file(folder.file("pipe"), 10).error().code, Code::io_failed) << "a FIFO must not hold the reader up";
}

TEST(file, that_cannot_be_written_leaves_the_old_one) {
    TemporaryFolder folder;
    EXPECT_EQ(base::write_file_atomically(folder.file("no/such/f"), base::as_bytes("x"), 0600).error().code, Code::not_found);
    const std::string path = folder.file("f");
    ASSERT_TRUE(base::write_file_atomically(path, base::as_bytes("old"), 0600));
    std::filesystem::create_symlink("/dev/null", path + ".new");
    EXPECT_FALSE(base::write_file_atomically(path, base::as_bytes("new"), 0600)) << "a link in the way is not followed";
    EXPECT_EQ(base::to_string(*base::read_file(path, 10)), "old");
    std::filesystem::create_directories(folder.file("taken/inside"));
    EXPECT_FALSE(base::write_file_atomically(folder.file("taken"), base::as_bytes("new"), 0600));
    EXPECT_FALSE(std::filesystem::exists(folder.file("taken.new"))) << "nothing half named is left";
}

namespace {
base::Result<Secret> secret_from(const std::string& input, std::size_t limit, std::string* rest = nullptr) {
    int fds[2];
    if (pipe(fds) != 0 || write(fds[1], input.data(), input.size()) != static_cast<ssize_t>(input.size())) return {Code::io_failed, "pipe"};
    close(fds[1]);
    const Fd in(fds[0]);
    auto secret = base::read_secret(in.get(), limit);
    if (rest != nullptr) {
        char left[64];
        rest->assign(left, static_cast<std::size_t>(std::max<ssize_t>(0, read(in.get(), left, sizeof left))));
    }
    return secret;
}
}  // namespace

TEST(read_secret, ends_at_the_newline_and_leaves_the_next_line) {
    std::string rest;
    EXPECT_EQ(text(*secret_from("pin\nnext\n", 16, &rest)), "pin");
    EXPECT_EQ(rest, "next\n");
    EXPECT_EQ(text(*secret_from("no newline", 16)), "no newline");
    EXPECT_TRUE(secret_from("", 16)->empty());
    EXPECT_TRUE(secret_from("\n", 16)->empty());
}

TEST(read_secret, of_exactly_the_limit_is_taken_and_one_more_refused) {
    EXPECT_EQ(text(*secret_from("12345678\n", 8)), "12345678");
    EXPECT_EQ(text(*secret_from("12345678", 8)), "12345678");
    EXPECT_EQ(secret_from("123456789\n", 8).error().code, Code::invalid_argument);
    EXPECT_EQ(secret_from("123456789", 8).error().code, Code::invalid_argument);
    EXPECT_EQ(base::read_secret(-1, 8).error().code, Code::io_failed);
}
