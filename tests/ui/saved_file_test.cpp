// Files that the window saves, beside what others may have laid there.
#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include "ui/parts/saved_file.h"

using ui::parts::save_file;

namespace {

class SavedFile : public testing::Test {
protected:
    QString place(const QString& name) const { return folder_.filePath(name); }
    void write(const QString& name, const QByteArray& content) const {
        QFile file(place(name));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    QByteArray read(const QString& name) const {
        QFile file(place(name));
        EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << name.toStdString();
        return file.readAll();
    }
    bool save(const QString& name, const QByteArray& content) const { return save_file(place(name), content).result().ok(); }
    QStringList names() const { return QDir(folder_.path()).entryList(QDir::Files | QDir::System); }

private:
    QTemporaryDir folder_;
};

}  // namespace

TEST_F(SavedFile, is_its_owners_alone_and_takes_an_older_ones_place_whole) {
    write("day.pdf", "older");
    ASSERT_TRUE(save("day.pdf", "newer"));
    EXPECT_EQ(read("day.pdf"), "newer");
    EXPECT_EQ(QFile(place("day.pdf")).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    EXPECT_EQ(names(), QStringList{"day.pdf"}) << "nothing is left beside it";
    EXPECT_FALSE(save_file(QStringLiteral("/proc/self/day.pdf"), "newer").result().ok());
}

TEST_F(SavedFile, is_not_begun_in_a_file_or_behind_a_link_that_somebody_laid_there) {
    write("elsewhere", "mine");
    ASSERT_TRUE(QFile::link(place("elsewhere"), place("day.pdf.new")));
    EXPECT_TRUE(save("day.pdf", "secret"));
    EXPECT_EQ(read("elsewhere"), "mine");
    EXPECT_TRUE(QFileInfo(place("day.pdf.new")).isSymLink());
    // Whoever laid a file there can have it open, and would read all that is written into it.
    write("sales.csv.new", "laid");
    QFile open(place("sales.csv.new"));
    ASSERT_TRUE(open.open(QIODevice::ReadOnly));
    EXPECT_TRUE(save("sales.csv", "secret"));
    EXPECT_EQ(open.readAll(), "laid");
    EXPECT_EQ(read("sales.csv"), "secret");
}
