"""Full-screen views on the learner's terminal: the only code that imports textual."""
