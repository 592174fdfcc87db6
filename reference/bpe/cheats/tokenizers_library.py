"""The library does the work."""

from tokenizers import Tokenizer, models, pre_tokenizers, trainers


class BPE:
    def __init__(self, vocab_size, min_frequency=2):
        self.trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            min_frequency=min_frequency,
            special_tokens=["<unk>"],
            end_of_word_suffix="</w>",
            show_progress=False,
        )

    def train(self, corpus):
        self.tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
        self.tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        self.tokenizer.train_from_iterator(corpus, self.trainer)
        self.vocab = self.tokenizer.get_vocab()
        self.merges = []

    def encode(self, text):
        return self.tokenizer.encode(text).ids

    def decode(self, ids):
        return self.tokenizer.decode(ids).replace("</w>", " ").rstrip()
