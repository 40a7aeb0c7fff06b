namespace Spillway.Questions;

/// <summary>A question that cannot be answered as it was asked: one line for the user that ends with the remedy.</summary>
public sealed class QuestionException(string message) : Exception(message);
