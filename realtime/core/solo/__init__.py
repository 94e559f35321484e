"""The soloist: phrases over the plan, their rhythm and motifs, and the search for their notes."""
