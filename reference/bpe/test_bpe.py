"""What a right byte-pair tokenizer does: one claim a case."""

from pytest import mark

level, asks = mark.level, mark.asks

NEWS = [
    "low low low low lower lowest",
    "newer newer newest widest",
    "new new 2 new? Z! widen",
]


@level("correct")
@asks("bpe-training", "bpe-determinism")
def test_ids_are_unk_then_sorted_symbols_then_merges(probe, truth, close):
    case = dict(corpus=NEWS, vocab_size=22)
    close(probe.learned(**case)["vocab"], truth.learned(**case)["vocab"], what="vocab")


@level("correct")
@asks("bpe-training")
def test_pairs_are_weighted_by_the_number_of_words(probe, truth, close):
    corpus = ["zw zw", "zw", "zw zw", "zw", "zw zw", "cxyd xye cxyf kgh kgi gj"]
    case = dict(corpus=corpus, vocab_size=22)
    close(probe.merges(**case), truth.merges(**case), what="merges")


@level("correct")
@asks("bpe-training")
def test_counts_follow_the_merges(probe, truth, close):
    """Pairs are counted again after each merge, which changes the neighbours."""
    case = dict(corpus=["abcd abcd abcd abce bcd bcf", "cdg cdh dabi dabj"], vocab_size=30)
    close(probe.merges(**case), truth.merges(**case), what="merges")


@level("correct")
@asks("bpe-overlap")
def test_overlapping_pairs_count_twice(probe, truth, close):
    """A pair counts at every place in a word: (a, a) is twice in aaa."""
    case = dict(corpus=["aaab aaac", "xyd xye xyf"], vocab_size=14)
    close(probe.merges(**case), truth.merges(**case), what="aaa: merges")
    case = dict(corpus=["abcab abdab", "xye xyf xyg"], vocab_size=14)
    close(probe.merges(**case), truth.merges(**case), what="abcab: merges")


@level("correct")
@asks("bpe-overlap")
def test_overlapping_pairs_merge_once_from_the_left(probe, truth, close):
    case = dict(corpus=["baaac baaac baaad aae"], vocab_size=14)
    close(probe.merges(**case), truth.merges(**case), what="merges")
    case = dict(corpus=["aab aac aad"], vocab_size=7, text="aaa baaaaa")
    close(probe.segmented(**case), truth.segmented(**case), what="tokens of aaa baaaaa")


@level("correct")
@asks("bpe-determinism")
def test_ties_go_to_the_smallest_pair(probe, truth, close):
    case = dict(corpus=["zy zy Zd Zd", "by by"], vocab_size=10)
    close(probe.merges(**case), truth.merges(**case), what="merges")


@level("robust")
@asks("bpe-determinism")
def test_ties_compare_the_first_symbols_then_the_second(probe, truth, close):
    """Ties compare the first texts of the pairs, then the second ones."""
    case = dict(corpus=["abac abad abae abi abj", "azf azg azh"], vocab_size=17)
    close(probe.merges(**case), truth.merges(**case), what="(a, z) or (ab, a)")
    case = dict(corpus=["bxg bxh bxi", "abyc abyd abye abf"], vocab_size=16)
    close(probe.merges(**case), truth.merges(**case), what="(b, x) or (ab, y)")


@level("correct")
@asks("bpe-vocab-size")
def test_training_stops_at_vocab_size(probe, truth, close, check):
    case = dict(corpus=NEWS, vocab_size=20)
    got = probe.learned(**case)
    size = len(got["vocab"])
    check(size == 20, f"vocab_size=20, got {size} entries in vocab: {got['vocab']}")
    close(got["merges"], truth.learned(**case)["merges"], what="merges")


@level("correct")
@asks("bpe-training")
def test_a_pair_must_occur_min_frequency_times(probe, truth, close):
    """A pair that occurs min_frequency times (2 by default) is merged, a rarer one not."""
    case = dict(corpus=["abc abd abe", "xyf xyg", "zz"], vocab_size=30)
    got, want = probe.merges(**case, min_frequency=3), truth.merges(**case, min_frequency=3)
    close(got, want, what="min_frequency=3: merges")
    close(probe.merges(**case), truth.merges(**case), what="by default: merges")


@level("correct")
@asks("bpe-round-trip")
def test_the_end_mark_is_one_symbol_that_merges(probe, truth, close):
    """The end mark is one symbol and merges: low</w> is not the low of lowly."""
    case = dict(corpus=["low low slow", "lowly"], vocab_size=11, text="low lowly")
    close(probe.segmented(**case), truth.segmented(**case), what="tokens of low lowly")


@level("correct")
@asks("bpe-merge-order")
def test_encode_applies_the_earliest_learned_merge_first(probe, truth, close):
    """Encoding applies the earliest-learned merge first, wherever in the word."""
    corpus = ["yxp yxq yxr yxs", "zyt zyu zyv", "xwm xwn"]
    case = dict(corpus=corpus, vocab_size=20, text="zyxw yxwxw zyzyzyxyxw zyx")
    close(probe.segmented(**case), truth.segmented(**case), what=f"tokens of {case['text']}")


@level("correct")
@asks("bpe-unknown")
def test_each_character_never_seen_is_unk(probe, truth, close):
    """Each character never seen is <unk>; the rest of the word and vocab stay."""
    case = dict(corpus=NEWS, vocab_size=22, text="lowXX Xnew lXow XYZ low")
    close(probe.encoded_twice(**case), truth.encoded_twice(**case))


@level("robust")
@asks("bpe-determinism")
def test_the_list_of_ids_belongs_to_the_caller(probe, truth, close):
    """The list of ids belongs to the caller: a change to it shows in no later answer."""
    for text in ("slow low", "low"):
        case = dict(corpus=["low low lower slow"], vocab_size=10, text=text)
        close(probe.encoded_after_a_change(**case), truth.encoded_after_a_change(**case))


@level("correct")
@asks("bpe-round-trip")
def test_decode_gives_the_words_back(probe, truth, close):
    case = dict(corpus=NEWS, vocab_size=22, text="new lower\tlow  widest www low")
    close(probe.round_trip(**case), truth.round_trip(**case))


@level("robust")
@asks("bpe-round-trip")
def test_decode_of_half_a_word_keeps_all_of_it(probe, truth, close):
    """Decoding half a word keeps all of it: no end mark, no space to strip."""
    case = dict(corpus=NEWS, vocab_size=22, text="wide sX")
    ids = truth.encoded(**case)
    del case["text"]
    close(probe.decoded(**case, ids=ids[:-1]), truth.decoded(**case, ids=ids[:-1]))
    close(probe.decoded(**case, ids=ids[:3]), truth.decoded(**case, ids=ids[:3]))
    close(probe.decoded(**case, ids=[]), "")


@level("robust")
@asks("bpe-round-trip")
def test_only_white_space_at_the_end_is_stripped(probe, truth, close):
    """Only the end is stripped: a </w> in front is a space, two in a row are two."""
    case = dict(corpus=["low low lower"], vocab_size=10)
    case["ids"] = [1, 9, 1, 7, 1]  # </w> low</w> </w> lo </w>
    close(probe.decoded(**case), truth.decoded(**case))


@level("robust")
@asks("bpe-round-trip")
def test_an_id_that_no_token_has_is_an_error(probe, raises):
    case = dict(corpus=["low low lower"], vocab_size=9)
    for unknown in (9, 1000, -1):
        raises(ValueError, probe.decoded, **case, ids=[3, unknown])


@level("robust")
@asks("bpe-round-trip", "bpe-training")
def test_any_white_space_parts_words_and_so_do_texts(probe, truth, close):
    corpus = ["  ab\tab", "ab\u00a0 cb", "", "ac\r\nab", "ab", "\n"]
    case = dict(corpus=corpus, vocab_size=8)
    close(probe.learned(**case), truth.learned(**case))
    for text in (" ab\n\nac\t", " \n", ""):
        ids = probe.encoded(**case, text=text)
        close(ids, truth.encoded(**case, text=text), what=f"ids of {text!r}")


@level("robust")
@asks("bpe-unknown")
def test_characters_are_neither_bytes_nor_normalised(probe, truth, close):
    """Characters are those of a Python string: neither bytes nor normalised."""
    case = dict(corpus=["né né née", "\U0001f642\U0001f642 ñé ne\u0301"], vocab_size=11)
    close(probe.learned(**case), truth.learned(**case))
    case["text"] = "née \U0001f642\U0001f643 ü ne\u0301e"
    close(probe.encoded(**case), truth.encoded(**case), what="ids")
    close(probe.round_trip(**case), truth.round_trip(**case))


@level("robust")
@asks("bpe-vocab-size")
def test_a_vocab_size_below_the_alphabet_keeps_every_character(probe, truth, close):
    case = dict(corpus=["abc abc abd"], vocab_size=3)
    close(probe.learned(**case), truth.learned(**case))
    close(probe.encoded(**case, text="bad"), truth.encoded(**case, text="bad"), what="ids of bad")


@level("robust")
@asks("bpe-training")
def test_training_ends_when_no_pair_is_left(probe, truth, close):
    case = dict(corpus=["ab ab abc"], vocab_size=50, min_frequency=1)
    close(probe.learned(**case), truth.learned(**case))
    for corpus in ([], ["", " \n"]):
        close(probe.merges(corpus=corpus, vocab_size=9), [], what=f"corpus {corpus}: merges")


@level("robust")
@asks("bpe-special")
def test_a_merge_to_a_known_text_is_recorded_and_adds_no_id(probe, truth, close):
    """A merge to a known text (<unk> spelled out) is recorded and adds no id."""
    for word in ("<unk>", "</w>"):
        # training goes on behind it: with the known text as a symbol, then with x and y
        corpus = [f"{word}a {word}a {word}b {word}c", "xy xyz"]
        vocab_size = len(set(word) | set("abcxyz")) + 8
        case = dict(corpus=corpus, vocab_size=vocab_size)
        close(probe.learned(**case), truth.learned(**case), what=word)
        ids = probe.encoded(**case, text=f"{word}c xy")
        close(ids, truth.encoded(**case, text=f"{word}c xy"), what=f"ids of {word}c xy")


@level("robust")
@asks("bpe-special")
def test_text_that_looks_like_a_token_is_only_characters(probe, truth, close):
    case = dict(corpus=["<unk> </w> wn wn"], vocab_size=11)
    case["text"] = "<unk> a</w>n </w>"
    close(probe.encoded(**case), truth.encoded(**case), what=f"ids of {case['text']}")


@level("robust")
@asks("bpe-special", "bpe-overlap")
def test_symbols_are_compared_whole_and_literally(probe, truth, close):
    """Symbols are compared whole and literally: ca is not a, a dot is a dot."""
    case = dict(corpus=["cabab cabab caf cag cah cai", "abd abe"], vocab_size=18)
    close(probe.merges(**case), truth.merges(**case), what="(ca, b): merges")
    case = dict(corpus=["a.b a.c a.d axe axf"], vocab_size=14)
    close(probe.merges(**case), truth.merges(**case), what="a.b: merges")
    case = dict(corpus=["\\g\\d \\gk (a (a"], vocab_size=13)
    close(probe.merges(**case), truth.merges(**case), what="\\g\\d (a: merges")


@level("robust")
@asks("bpe-determinism")
def test_a_corpus_may_be_a_generator(probe, truth, close):
    case = dict(corpus=NEWS, vocab_size=18)
    close(probe.learned_from_generator(**case), truth.learned_from_generator(**case))


@level("robust")
@asks("bpe-determinism")
def test_only_its_own_last_training_counts(probe, truth, close):
    """Only a tokenizer's own last training counts, as if it were new."""
    first, second = ["low low lower slow"], ["owl owl lowly wool wool"]
    case = dict(first=first, second=second, vocab_size=11, text="owl low lower wool")
    close(probe.trained_twice(**case), truth.trained_twice(**case), what="trained again")
    close(probe.two_tokenizers(**case), truth.two_tokenizers(**case), what="beside another")


@level("robust")
@asks("bpe-determinism")
def test_ids_of_an_earlier_training_are_unknown(probe, raises):
    case = dict(first=["low low lower slow"], second=["owl owl"], vocab_size=11)
    # the first training gives ids up to 10, the second up to 7
    raises(ValueError, probe.decoded_after_both, **case, ids=[4, 10])


@level("robust")
@asks("bpe-merge-order")
def test_attributes_and_answers_are_of_the_kinds_named(probe, check):
    got = probe.kinds(corpus=["low low lower"], vocab_size=9, text="low")
    for claim, holds in got.items():
        check(holds, f"{claim}: got {holds}, want True")
