enum MultiwriterPlaceholder {}
